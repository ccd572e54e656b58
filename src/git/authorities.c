/*
 * libgit2 1.5 on Mbed TLS reads the system's authorities whenever it starts: some 140
 * certificates, and four fifths of the time of a cycle that has nothing to do. Only
 * https wants them. So the function that reads them is ours here, put before the
 * library's by the order in which a program looks symbols up (ld.so(8)); it notes
 * which file was asked for, and reads it once somebody needs it.
 *
 * This leans on the insides of one version: elsewhere it is not compiled, and libgit2
 * does what it does. Where another TLS library is below it, nobody calls this.
 */
#include "authorities.h"

#include <git2.h>
#include <stddef.h>

#if defined(__linux__) && LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR == 5

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

struct mbedtls_x509_crt;
typedef int parse_file(struct mbedtls_x509_crt *chain, const char *path);
parse_file mbedtls_x509_crt_parse_file;

static char *put_off;		/* the file that was asked for at the start */
static bool wanted;

/* Mbed TLS takes 0 for "all of them were read". */
__attribute__((visibility("default")))
int mbedtls_x509_crt_parse_file(struct mbedtls_x509_crt *chain, const char *path)
{
	parse_file *real;

	if (!wanted) {
		free(put_off);
		put_off = xstrdup(path);
		return 0;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "mbedtls_x509_crt_parse_file");
	return real != NULL ? real(chain, path) : -1;
}

int authorities_read(const char *instead)
{
	const char *path = instead != NULL ? instead : put_off;

	wanted = true;
	return path == NULL ? 0 :
	       git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, path, NULL);
}

void authorities_forget(void)
{
	free(put_off);
	put_off = NULL;
	wanted = false;
}

#else

int authorities_read(const char *instead)
{
	return instead == NULL ? 0 :
	       git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, instead, NULL);
}

void authorities_forget(void)
{
}

#endif
