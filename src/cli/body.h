/* What a message or task says, from where the command line says. */
#ifndef TRINE_BODY_H
#define TRINE_BODY_H

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/message.h"

/* FILE's bytes, standard input's if it is "-" or /dev/stdin, none if it is NULL.
 * ERR_DATA if there are more than a body may have. */
int body_read(const char *file, struct buf *out, struct error *err);

/* The same where WORDS are no file, but the text itself. */
int body_words(const char *words, struct buf *out, struct error *err);

/* GIVEN to --priority; NULL leaves *OUT. ERR_USAGE. */
int body_priority(const char *given, enum message_priority *out,
		  struct error *err);

/* The instance that writes, where a worker started it (TRINE_INSTANCE); else NULL. */
const char *body_author(void);

#endif
