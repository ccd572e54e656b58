/* Claims in the whole fleet, in words: for locks, tasks and `status`. */
#ifndef TRINE_CLAIM_TEXT_H
#define TRINE_CLAIM_TEXT_H

#include "trine/buf.h"
#include "trine/claims.h"

/* Append "computer 2 (Forge) has it, token 17, for another 14 min unless …". WHO: how
 * to call that computer, "2 (Mechanic)", or NULL: by its number. */
void claim_words(struct buf *out, const struct claim_standing *s, const char *who);

#endif
