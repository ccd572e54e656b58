/*
 * Starting libgit2, and turning its errors and ids into ours: every other file
 * of src/git comes here.
 */
#include "git.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "authorities.h"
#include "socket.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

/* A pack from outside may claim any number of objects; room for all of them is
 * made before the first one comes. */
enum { PACK_OBJECTS = 4 * 1000 * 1000 };

static const struct {
	int rc;
	enum error_code code;
} codes_of_rc[] = {
	{ GIT_ENOTFOUND, ERR_NOTFOUND },
	{ GIT_ELOCKED, ERR_AGAIN },
	{ GIT_EMODIFIED, ERR_AGAIN },
	{ GIT_EEOF, ERR_AGAIN },
	{ GIT_EAUTH, ERR_REFUSED },
	{ GIT_ECERTIFICATE, ERR_REFUSED },
	{ GIT_EOWNER, ERR_REFUSED },
};

static const struct {
	int class;
	enum error_code code;
} codes_of_class[] = {
	{ GIT_ERROR_OS, ERR_IO },
	{ GIT_ERROR_FILESYSTEM, ERR_IO },
	{ GIT_ERROR_NET, ERR_AGAIN },
	{ GIT_ERROR_SSH, ERR_AGAIN },
	{ GIT_ERROR_SSL, ERR_AGAIN },
	{ GIT_ERROR_NOMEMORY, ERR_INTERNAL },
	{ GIT_ERROR_INTERNAL, ERR_INTERNAL },
	{ GIT_ERROR_INVALID, ERR_INTERNAL },
};

const char *git_says(void)
{
	const git_error *last = git_error_last();

	if (last == NULL || last->message == NULL)
		return "no reason given";
	return last->message;
}

/* libgit2 keeps the errno only as the text it appends. */
bool git_failed_with(int number)
{
	return strstr(git_says(), strerror(number)) != NULL;
}

static enum error_code code_of(int rc)
{
	const git_error *last = git_error_last();

	/* a folder that it cannot open is not found, it says */
	if (git_failed_with(EMFILE) || git_failed_with(ENFILE))
		return ERR_IO;
	for (size_t i = 0; i < ARRAY_LEN(codes_of_rc); i++)
		if (codes_of_rc[i].rc == rc)
			return codes_of_rc[i].code;
	if (git_failed_with(EACCES) || git_failed_with(EPERM))
		return ERR_REFUSED;
	if (git_failed_with(ENOMEM))	/* of a call that allocates, as opendir */
		return ERR_INTERNAL;
	/* it says nothing when it could not write a pack to its end */
	if (last == NULL || last->message == NULL)
		return ERR_IO;
	for (size_t i = 0; i < ARRAY_LEN(codes_of_class); i++)
		if (codes_of_class[i].class == last->klass)
			return codes_of_class[i].code;
	return ERR_DATA;
}

int git_written(struct repo *repo, const git_oid *id, int rc)
{
	repo->wrote = true;
	if (rc < 0 || git_odb_exists(repo->odb, id))
		return rc;
	git_error_set_str(GIT_ERROR_OS, "an object could not be written; "
			  "is the disk full?");
	return -1;
}

int git_fail(struct error *err, int rc, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	const char *says = git_says();
	enum error_code code = code_of(rc);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	buf_adds(&text, ": ");
	text_escape(&text, says, strlen(says), false);
	error_set(err, code, "%s", text.data);
	buf_release(&text);
	git_error_clear();
	return -1;
}

static bool is_hex(const char *s, size_t len)
{
	return strspn(s, "0123456789abcdef") == len && s[len] == '\0';
}

int oid_read(git_oid *out, const char *hex, struct error *err)
{
	if (!is_hex(hex, OID_HEX - 1) || git_oid_fromstr(out, hex) != 0)
		return error_set(err, ERR_DATA, "\"%.40s\" is no object id",
				 hex);
	return 0;
}

void oid_write(struct oid *out, const git_oid *id)
{
	if (git_oid_is_zero(id))
		out->hex[0] = '\0';
	else
		git_oid_tostr(out->hex, sizeof(out->hex), id);
}

/* What a person has set up for git on this machine must not change what trine
 * does; its own repository has a configuration of its own. */
static int ignore_settings(void)
{
	static const int levels[] = {
		GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
		GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA,
	};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(levels) && rc == 0; i++)
		rc = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
	return rc;
}

int repo_start(struct error *err)
{
	int rc = git_prepare_memory();

	if (rc == 0)
		rc = git_libgit2_init();
	if (rc < 0)
		return git_fail(err, rc, "libgit2 does not start");
	rc = git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	if (rc == 0)
		rc = git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS,
				      (size_t)PACK_OBJECTS);
	if (rc == 0)
		rc = ignore_settings();
	if (rc == 0)
		rc = socket_register();
	/* a peer that hangs up is an error to handle, not the end */
	process_survive_pipes();
	return rc == 0 ? 0 : git_fail(err, rc, "libgit2 does not start");
}

void repo_stop(void)
{
	git_libgit2_shutdown();
	authorities_forget();
}
