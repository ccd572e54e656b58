/*
 * Private: what tasks.c asks of task_rules.c, where it says when a task may be
 * begun. All within a transaction.
 */
#ifndef LOCAL_TASKS_P_H
#define LOCAL_TASKS_P_H

#include "trine/tasks.h"

/* May the new task ID have these TERMS? Errors of tasks_add. */
int rules_check_terms(struct home *h, const char *id,
		      const struct task_terms *terms, struct error *err);
/* ERR_NO: R may not be begun yet, or never; what it waits for the text says. */
int rules_allow(struct home *h, const struct record *r, struct error *err);

#endif
