/*
 * Errors: what happened, to what, and what the caller can do about it.
 *
 * Every function that can fail returns 0, or -1 after filling a struct error
 * that belongs to its caller and is never NULL. Codes are named by what the
 * caller can do, not by where they came from; each is also an exit status.
 * Expected outcomes (a lost race, a refused push) are results, not errors.
 *
 *	if (file_read(path, LIMIT_FILE, &bytes, err) == -1)
 *		return error_wrap(err, "settings");
 *
 * Nothing is allocated and nothing is global, so errors are thread-safe. They
 * are printed in one place: src/cli/main.c, and in the report of a cycle.
 */
#ifndef TRINE_ERROR_H
#define TRINE_ERROR_H

enum error_code {
	ERR_NONE = 0,
	ERR_NO = 1,		/* the answer is no: claim lost, nothing to take */
	ERR_USAGE = 64,		/* the command line is wrong */
	ERR_DATA = 65,		/* bytes from outside that cannot be understood */
	ERR_NOTFOUND = 69,	/* no such message, computer, instance, file */
	ERR_INTERNAL = 70,	/* our own bug, or out of memory */
	ERR_IO = 74,		/* the disk: full, read-only, failing */
	ERR_AGAIN = 75,		/* try again: offline, busy, lost the race */
	ERR_REFUSED = 77,	/* ownership, identity, permission: a person decides */
	ERR_CONFIG = 78		/* trine.ini */
};

enum { ERROR_TEXT = 1024 };

struct error {
	enum error_code code;
	char text[ERROR_TEXT];	/* complete enough to print as it is; no newline */
};

#define ERROR_INIT { ERR_NONE, "" }

/* Fill ERR and return -1, so that a caller can write `return error_set(…)`. */
int error_set(struct error *err, enum error_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Like error_set, with ": strerror(errno)" added; ENOENT becomes
 * ERR_NOTFOUND, EACCES and EPERM ERR_REFUSED, all others ERR_IO. */
int error_errno(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Put "FMT: " in front of what ERR says already; the code stays. Returns -1. */
int error_wrap(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

void error_clear(struct error *err);

#endif
