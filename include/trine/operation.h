/*
 * A task that others do in parts, and what is to be done next of it. Pure; keys of the
 * task's message:
 *
 *	parts: [1/araya, 3]	one task each; it ends when all have ended
 *	stages: [3, 2, 1]	one after the other, each with the result of the one before
 *	undo: ["drop it", ""]	of each stage, sent in reverse order when a later one fails
 *	review: 2		whose COMPLETED alone closes it
 *
 * and of each task that does a step of it: `part: ID/KIND/INDEX`, so that the event which
 * sends it also says what it is.
 *
 * local/operations.c sends them, from the computer where the task was made. A task
 * that undoes something, or reviews it, is one like the others (a saga: Garcia-Molina
 * and Salem, 1987).
 */
#ifndef TRINE_OPERATION_H
#define TRINE_OPERATION_H

#include "trine/error.h"
#include "trine/list.h"
#include "trine/message.h"

enum { OPERATION_STEPS = 16 };

enum step_kind { STEP_PART, STEP_UNDO, STEP_REVIEW };

struct operation {
	bool staged;		/* `to` are stages */
	struct list to;		/* "2", "2/araya" */
	struct list undo;	/* of stage 0, 1, …; "" : nothing; may be shorter */
	char *review;		/* "2", "2/araya"; or NULL */
};
void operation_release(struct operation *o);

/* Is M one? *WHY, or NULL: it has such keys, and they cannot be understood. */
bool operation_read(const struct message *m, struct operation *out, const char **why);
void operation_write(struct message *m, const struct operation *o);
/* Is M a task of this computer's own that others do? Of one that came from another
 * computer these keys are its sender's affair. */
bool operation_is(const struct message *m);
/* Key `part` of a task that does a step of task ID. False: PART is none. */
struct operation_step {
	char id[MESSAGE_ID];
	enum step_kind kind;
	size_t index;
};
void operation_part_write(struct message *m, const struct operation_step *step);
bool operation_part_parse(const char *part, struct operation_step *out);

/* "2", "2/araya": a computer, and an instance of it (NULL: none named). */
bool operation_end(const char *to, int *computer, const char **instance);

enum step_state { STEP_NONE, STEP_OPEN, STEP_DONE, STEP_FAILED };	/* NONE: not sent */

struct operation_steps {
	enum step_state part[OPERATION_STEPS];	/* also stages */
	enum step_state undo[OPERATION_STEPS];
	enum step_state review;
};

enum operation_verb { OPERATION_WAIT, OPERATION_SEND, OPERATION_COMPLETE, OPERATION_FAIL };
struct operation_action {
	enum operation_verb verb;
	enum step_kind kind;	/* of OPERATION_SEND */
	size_t index;
};
/* What is to be done now. Asked again after each OPERATION_SEND. */
struct operation_action operation_next(const struct operation *o,
				       const struct operation_steps *steps);

#endif
