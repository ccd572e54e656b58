/*
 * Memory of libgit2 (git.h): where it has none, the program ends (mem.h), and
 * nothing is taken for damage or left half done that only found no room.
 */
#include "git.h"

#include <git2/sys/alloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* A size that somebody else chose, such as that of an object in a pack: no
 * reason to end. */
enum { FROM_OUTSIDE = 64 * 1024 * 1024 };

static void *need(void *p, size_t size)
{
	if (p == NULL && size < FROM_OUTSIDE)
		mem_need(NULL);
	if (p == NULL)
		git_error_set_oom();
	return p;
}

static void *allocate(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return need(size < PTRDIFF_MAX ? malloc(size ? size : 1) : NULL, size);
}

static void *reallocate(void *old, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return need(size < PTRDIFF_MAX ? realloc(old, size ? size : 1) : NULL,
		    size);
}

/* libgit2 1.6 and later make the rest of these. */
#if LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR < 6
static size_t product(size_t count, size_t size)
{
	return size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
}

static void *allocate_zeroed(size_t count, size_t size, const char *file,
			     int line)
{
	(void)file, (void)line;
	return need(calloc(count ? count : 1, size ? size : 1),
		    product(count, size));
}

static void *allocate_array(size_t count, size_t size, const char *file,
			    int line)
{
	return allocate(product(count, size), file, line);
}

static void *reallocate_array(void *old, size_t count, size_t size,
			      const char *file, int line)
{
	return reallocate(old, product(count, size), file, line);
}

static char *copy(const char *text, size_t len)
{
	char *out = need(len < PTRDIFF_MAX ? malloc(len + 1) : NULL, len);

	if (out == NULL)
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return out;
}

static char *copy_text(const char *text, const char *file, int line)
{
	(void)file, (void)line;
	return copy(text, strlen(text));
}

static char *copy_most(const char *text, size_t most, const char *file,
		       int line)
{
	(void)file, (void)line;
	return copy(text, strnlen(text, most));
}

static char *copy_part(const char *text, size_t len, const char *file, int line)
{
	(void)file, (void)line;
	return copy(text, len);
}
#endif

int git_prepare_memory(void)
{
	static git_allocator ours = {
		.gmalloc = allocate,
		.grealloc = reallocate,
		.gfree = free,
#if LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR < 6
		.gcalloc = allocate_zeroed,
		.gstrdup = copy_text,
		.gstrndup = copy_most,
		.gsubstrdup = copy_part,
		.greallocarray = reallocate_array,
		.gmallocarray = allocate_array,
#endif
	};

	return git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &ours);
}
