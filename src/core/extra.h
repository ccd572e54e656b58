/* The values of a message's extra keys (message.h): YAML in flow style. Private to the
 * core; task_terms.c and operation.c know which keys there are, and what is good. */
#ifndef TRINE_EXTRA_H
#define TRINE_EXTRA_H

#include "trine/list.h"
#include "trine/message.h"
#include "trine/yaml.h"

/* VALUE as what it stands for, a part of *TREE: free that. NULL: it is no YAML. */
const struct yaml *extra_read(const char *value, struct yaml **tree);

struct extra_items {
	bool (*good)(struct span text);	/* with a NUL behind it */
	size_t most;
	bool once;		/* one that is there already is left out */
};
/* The text of Y becomes one more of OUT; false: it is none, or not good, or one too
 * many. */
bool extra_read_item(const struct yaml *y, const struct extra_items *items,
		     struct list *out);
/* The same of each of a list; false: Y is none, too. */
bool extra_read_list(const struct yaml *y, const struct extra_items *items,
		     struct list *out);

/* Both leave M as it is where there is nothing: NULL, an empty list. */
void extra_write(struct message *m, const char *key, const char *text);
void extra_write_list(struct message *m, const char *key, const struct list *l);

#endif
