/* Claims in the whole fleet, in words and as JSON: for locks, tasks and `status`. */
#ifndef TRINE_CLAIM_TEXT_H
#define TRINE_CLAIM_TEXT_H

#include <jansson.h>

#include "trine/buf.h"
#include "trine/claims.h"

/* "held", "elsewhere"; "free" as well. */
const char *claim_state_word(enum claim_state state);
/* Append "computer 2 (Forge) has it, token 17, for another 14 min unless …". WHO: how
 * to call that computer, "2 (Mechanic)", or NULL: by its number. */
void claim_words(struct buf *out, const struct claim_standing *s, const char *who);
/* Into JSON: state, and as far as there are such token, computer, holder, left_s. */
void claim_to_json(json_t *json, const struct claim_standing *s);

#endif
