/*
 * Tasks, sessions, locks and the rest as JSON: what `--json` prints and the daemon
 * answers, made in one place, so that a program which reads one can read the other.
 * Messages are in message_json.h, statuses in overview_json.h.
 *
 * All *_to_json return new references. What stands alone has "schema": 1.
 */
#ifndef TRINE_OBJECTS_H
#define TRINE_OBJECTS_H

#include <jansson.h>

#include "trine/claims.h"
#include "trine/home.h"
#include "trine/store_alert.h"
#include "trine/store_search.h"

/* RFC 3339, or null for 0. */
json_t *time_to_json(int64_t seconds);
json_t *list_to_json(const struct list *l);
/* Any of them as one line, with its end; JSON becomes json_to_line's. Caller frees. */
char *json_to_line(json_t *json);

/* The message's fields, and holder, since, token, attempt, waits (tasks_waits_for), ended,
 * by, result, reason; `fleet` where CLAIMS (claims_list) has it. */
json_t *task_to_json(struct home *h, const struct record *r,
		     const struct claim_list *claims);

json_t *session_to_json(const struct home *h, const struct session *s);
json_t *lock_to_json(const struct home *h, const struct lock *l);
/* A lock of the whole fleet, by the name of its claim, "lock/deploy". */
json_t *fleet_lock_to_json(const char *name, const struct claim_standing *s);
json_t *reservation_to_json(const struct reservation *r);
json_t *value_to_json(const struct value *v);
/* id, level ("fleet", "here"), state ("RAISED", "CLEARED"), title, since and what else
 * struct alert knows; the program of [alert] finds it so, too. */
json_t *alert_to_json(const struct alert *a);

/* A message with its history, and `anew` where its text was sent once more under
 * another id. ANEW: other messages that name R as their `origin`. */
json_t *letter_to_json(const struct record *r, const struct moment *history,
		       size_t count, const struct record_list *anew);
/* Do they say the same? */
bool letters_same_text(const struct record *a, const struct record *b);

/* A message that a search found, with a `snippet` of it. */
json_t *hit_to_json(const struct hit *hit);

/* "held", "elsewhere"; "free" as well. */
const char *claim_state_word(enum claim_state state);
/* Into JSON: state, and as far as there are such token, computer, holder, left_s. */
void claim_to_json(json_t *json, const struct claim_standing *s);

#endif
