/* Tasks as people read them, and as JSON (cmd_task.c). */
#ifndef TRINE_TASK_LIST_H
#define TRINE_TASK_LIST_H

#include "command.h"

/* All of L by what they are: in progress, claimed, waiting, blocked, done; and a line
 * of totals. With --json one a line. */
void task_list_print(const struct cli *cli, const struct record_list *l);
/* One, with its text. */
void task_print(const struct cli *cli, const struct record *r);
/* What a claim gave. */
void task_print_claim(const struct cli *cli, const struct record *r);

#endif
