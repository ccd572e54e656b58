/*
 * The event log and its view, of tasks in the hands of sessions (tasks.h). store.h says
 * how records and queries work.
 */
#ifndef TRINE_STORE_TASK_H
#define TRINE_STORE_TASK_H

#include "trine/store.h"

/* A task made here by SESSION, or 0, which is not published. M->stream is ours to
 * ourselves. */
int record_added(struct store *s, const char *id, const struct message *m,
		 uint64_t session, struct error *err);
/* SESSION, which people call WHO, approves it. */
int record_approved(struct store *s, const char *id, uint64_t session,
		    const char *who, struct error *err);
/* Append who approved ID, "Atlas, Forge". *MINE: SESSION did. */
int view_approvals(struct store *s, const char *id, uint64_t session,
		   struct buf *out, bool *mine, struct error *err);
/* SESSION has it: ASSIGNED. HOLDER is how people call it. Of the resources it NEEDS it
 * has the locks from then on, in this and the other events by which somebody gets a
 * task, until nobody has it any more; whoever records that looked whether they are
 * free. NULL: none. OVER: the task that it passed over (task_choose), or "". */
int record_claimed(struct store *s, const char *id, uint64_t session,
		   const char *holder, const struct list *needs, const char *over,
		   struct error *err);
int record_started(struct store *s, const char *id, struct error *err);
/* ATTEMPT has failed because of REASON, and another one may begin at UNTIL: QUEUED. */
int record_again(struct store *s, const char *id, uint64_t attempt,
		 const char *reason, int64_t until, struct error *err);
int record_progress(struct store *s, const char *id, const char *text,
		    struct error *err);
/* It cannot go on without a person; its session keeps it. */
int record_stuck(struct store *s, const char *id, const char *reason,
		 struct error *err);
/* How many tasks wait, for INSTANCE or (NULL) at all; not more than MOST are counted. */
int view_waiting(struct store *s, const char *instance, uint64_t most,
		 uint64_t *out, struct error *err);
/* The highest number of STREAM, of whatever direction; 0: none. */
int view_highest(struct store *s, struct stream_name stream, uint64_t *out,
		 struct error *err);
/* Tasks to us that have not ended, the most urgent first. Without bodies. */
int view_open_tasks(struct store *s, struct record_list *out, struct error *err);
/* Those of them that a session or an instance has: costs nothing for the queue. */
int view_had_tasks(struct store *s, struct record_list *out, struct error *err);
/* Of those that nobody has, and that may be begun at NOW, the first of PRIORITY that
 * SUITS. *FOUND false: there is none. */
int view_next_task(struct store *s, enum message_priority priority, int64_t now,
		   view_suits *suits, void *arg, struct record *out, bool *found,
		   struct error *err);
/* Those in the queue that can never be begun: WAIT_FAILED and what follows it. */
int view_barred_tasks(struct store *s, struct record_list *out,
		      struct error *err);
/* Those that are in progress for longer than they may, and that no worker has. */
int view_overdue_tasks(struct store *s, int64_t now, struct record_list *out,
		       struct error *err);
/* Is there any of those two at NOW, or of view_operations? */
int view_unswept(struct store *s, int64_t now, bool *out, struct error *err);
/* The tasks that ID waits for, and waited for. */
struct dependency {
	char id[MESSAGE_ID];
	char state[16], note[160];	/* as of a record */
	bool known;
};
struct dependency_list {
	struct dependency *item;
	size_t count, cap;
};
int view_dependencies(struct store *s, const char *id,
		      struct dependency_list *out, struct error *err);
void dependency_list_release(struct dependency_list *l);
/* Append the way on which OTHER waits for ID, "DB after AUTH"; nothing if there is
 * none, or only a very long one. */
int view_way(struct store *s, const char *other, const char *id,
	     struct buf *out, struct error *err);
/* Those that SESSION holds. */
int view_held_tasks(struct store *s, uint64_t session, struct record_list *out,
		    struct error *err);

/* ---- tasks in parts (operation.h) ---- */
struct task_part {
	int kind;		/* enum step_kind */
	size_t index;
	char id[MESSAGE_ID];	/* of the task that does it */
};
struct task_part_list {
	struct task_part *item;
	size_t count, cap;
};
void task_part_list_release(struct task_part_list *l);
/* Which tasks of ours do ID in parts: their own key `part` says so, and ID is IN_PROGRESS
 * from the first of them on. */
int view_parts(struct store *s, const char *id, struct task_part_list *out,
	       struct error *err);
/* Tasks in parts that have not ended. */
int view_operations(struct store *s, struct record_list *out, struct error *err);

#endif
