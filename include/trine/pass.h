/*
 * What lets a program in that shows it: 32 bytes of chance, as 64 hex digits on one line
 * of a file of mode 0600.
 */
#ifndef TRINE_PASS_H
#define TRINE_PASS_H

#include <stdbool.h>

#include "trine/error.h"

enum { PASS_TEXT = 65 };

/* The file PATH, made where there is none; its folder is there. */
int pass_make(const char *path, struct error *err);
/* WHAT: how people call it. ERR_REFUSED: others can read it, or it is none. */
int pass_read(const char *path, const char *what, char out[PASS_TEXT],
	      struct error *err);
/* ERR_REFUSED where PATH, which is to have MODE ("600"), is open to others. */
int pass_check_private(const char *path, bool open_to_others, const char *mode,
		       const char *what, struct error *err);

/* How far they are alike takes no shorter and no longer. */
bool pass_same(const char pass[PASS_TEXT], const char *given);

#endif
