/*
 * A look at each loose object before libgit2 reads it (git.h). One that a power
 * cut left short makes libgit2, up to 1.9 at least, inflate for ever: there is
 * no more input, the output is not full, and it tries again.
 *
 * The guard is a backend of the object database that is asked first and never
 * answers: it refuses what is no whole object, and lets the others read the
 * rest. So it stands before libgit2's own walks and packing too. What
 * objects/info/alternates names is not looked at.
 */
#define ZLIB_CONST
#include "git.h"

#include <git2/sys/odb_backend.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

enum {
	GUARD_PRIORITY = 100,	/* libgit2's own have 1 and 2 */
	HEADER_BYTES = 32	/* "commit 18446744073709551615" and its NUL */
};

struct guard {
	git_odb_backend backend;	/* the first member */
	struct repo *repo;
	char *objects;
};

/* A loose object on its way through zlib. */
struct inflating {
	z_stream z;
	char header[HEADER_BYTES];
	uint64_t came, whole;	/* of header and contents; 0: not known yet */
	bool any, ended;
	const char *why;	/* it is no object */
};

static int refuse(struct inflating *in, const char *why)
{
	in->why = why;
	return 1;
}

/* "blob 12\0" says how much there must be. */
static int read_header(struct inflating *in)
{
	static const char *const types[] = { "blob", "tree", "commit", "tag" };
	size_t len = in->came < HEADER_BYTES ? (size_t)in->came : HEADER_BYTES;
	const char *end = memchr(in->header, '\0', len);
	const char *space = memchr(in->header, ' ', len);
	struct span type, size;

	if (end == NULL || space == NULL || space > end)
		return refuse(in, "no object");
	type = (struct span){ in->header, (size_t)(space - in->header) };
	size = (struct span){ space + 1, (size_t)(end - space - 1) };
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (span_is(type, types[i]) && text_number(size, &in->whole) &&
		    in->whole <= INT64_MAX) {
			in->whole += (uint64_t)(end + 1 - in->header);
			return 0;
		}
	return refuse(in, "no object");
}

/* LEN bytes came out. */
static int take_bytes(struct inflating *in, const char *bytes, size_t len)
{
	size_t room = in->came < HEADER_BYTES ?
		      HEADER_BYTES - (size_t)in->came : 0;

	memcpy(in->header + HEADER_BYTES - room, bytes, len < room ? len : room);
	in->came += len;
	if (in->whole == 0 && (in->came >= HEADER_BYTES || in->ended) &&
	    read_header(in) != 0)
		return 1;
	if (in->whole > 0 && in->came > in->whole)
		return refuse(in, "longer than it says");
	return 0;
}

static int inflate_piece(void *arg, struct span piece)
{
	struct inflating *in = arg;
	char out[16384];
	int rc;

	in->any = true;
	if (in->ended)
		return refuse(in, "followed by something else");
	in->z.next_in = (const unsigned char *)piece.p;
	in->z.avail_in = (unsigned)piece.len;
	do {
		in->z.next_out = (unsigned char *)out;
		in->z.avail_out = sizeof(out);
		rc = inflate(&in->z, Z_NO_FLUSH);
		if (rc == Z_MEM_ERROR)
			mem_need(NULL);
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return refuse(in, "garbage");
		in->ended = rc == Z_STREAM_END;
		if (take_bytes(in, out, sizeof(out) - in->z.avail_out) != 0)
			return 1;
	} while (!in->ended && in->z.avail_out == 0);
	if (in->z.avail_in > 0)
		return refuse(in, "followed by something else");
	return 0;
}

/* NULL: FILE is a whole object, absent, or cannot be read at all (which libgit2
 * will say). */
static const char *what_is_wrong(const char *file)
{
	struct error unread = ERROR_INIT;
	struct inflating in = { .ended = false };
	int rc;

	if (inflateInit(&in.z) != Z_OK)
		mem_need(NULL);
	rc = file_scan(file, inflate_piece, &in, &unread);
	inflateEnd(&in.z);
	if (rc == -1)
		return unread.code == ERR_DATA ? "no file" : NULL;
	if (in.why != NULL)
		return in.why;
	if (!in.any)
		return "empty";
	return in.ended && in.came == in.whole ? NULL : "cut short";
}

static char *loose_file(const struct guard *guard, const struct oid *id)
{
	return xasprintf("%s/%.2s/%s", guard->objects, id->hex, id->hex + 2);
}

static int look_at(struct guard *guard, const git_oid *id,
		   const char *(*wrong_with)(const char *file))
{
	const char *wrong;
	struct oid hex;
	char *file, *text;

	oid_write(&hex, id);
	file = loose_file(guard, &hex);
	wrong = wrong_with(file);
	if (wrong != NULL) {
		text = xasprintf("object %s is damaged: %s is %s", hex.hex,
				 file, wrong);
		note_damage(guard->repo, ERR_DATA, text);
		git_error_set_str(GIT_ERROR_ODB, text);
		free(text);
	}
	free(file);
	return wrong != NULL ? GIT_ERROR : GIT_PASSTHROUGH;
}

static int guard_read(void **bytes, size_t *len, git_object_t *type,
		      git_odb_backend *backend, const git_oid *id)
{
	(void)bytes, (void)len, (void)type;
	return look_at((struct guard *)backend, id, what_is_wrong);
}

/* A header is a few bytes, and no loop; but libgit2 would wait at a pipe. */
static const char *what_keeps_us(const char *file)
{
	struct error absent = ERROR_INIT;
	struct file_info info;

	return file_stat(file, &info, &absent) == -1 || info.regular ? NULL
								    : "no file";
}

static int guard_read_header(size_t *len, git_object_t *type,
			     git_odb_backend *backend, const git_oid *id)
{
	(void)len, (void)type;
	return look_at((struct guard *)backend, id, what_keeps_us);
}

static void guard_free(git_odb_backend *backend)
{
	struct guard *guard = (struct guard *)backend;

	free(guard->objects);
	free(guard);
}

int guard_add(struct repo *repo, const char *folder)
{
	struct guard *guard = xcalloc(1, sizeof(*guard));
	int rc;

	git_odb_init_backend(&guard->backend, GIT_ODB_BACKEND_VERSION);
	guard->backend.read = guard_read;
	guard->backend.read_header = guard_read_header;
	guard->backend.free = guard_free;
	guard->repo = repo;
	guard->objects = xasprintf("%s/objects", folder);
	rc = git_odb_add_backend(repo->odb, &guard->backend, GUARD_PRIORITY);
	if (rc < 0)
		guard_free(&guard->backend);
	return rc;
}
