/*
 * What a task says of when it may be begun (task.h): keys of its message. The view
 * asks here when a task comes in, and local/tasks.c when it is made.
 */
#include "duration.h"
#include "extra.h"
#include "trine/mem.h"
#include "trine/task.h"
#include "trine/text.h"

/* ---- reading ---- */

/* One name, or a list of them. */
static bool read_names(const struct yaml *y, bool (*valid)(struct span s),
		       struct list *out)
{
	const struct extra_items names = { valid, LIMIT_TASK_NAMES, true };

	return y->kind == YAML_SCALAR ? extra_read_item(y, &names, out)
				      : extra_read_list(y, &names, out);
}

static bool read_after(const struct yaml *y, struct task_terms *out)
{
	return read_names(y, message_id_valid, &out->after);
}

static bool read_needs(const struct yaml *y, struct task_terms *out)
{
	return read_names(y, resource_name_valid, &out->needs);
}

static bool read_timeout(const struct yaml *y, struct task_terms *out)
{
	const char *text = yaml_text(y);

	return text != NULL && duration_parse(span_str(text), &out->timeout) &&
	       out->timeout > 0 && out->timeout <= TASK_TIMEOUT_MOST;
}

static bool read_retries(const struct yaml *y, struct task_terms *out)
{
	const char *text = yaml_text(y);

	return text != NULL && text_number(span_str(text), &out->retries) &&
	       out->retries <= TASK_RETRIES_MOST;
}

static bool read_approvals(const struct yaml *y, struct task_terms *out)
{
	const char *text = yaml_text(y);

	return text != NULL && text_number(span_str(text), &out->approvals) &&
	       out->approvals <= TASK_APPROVALS_MOST;
}

static const struct {
	const char *key;
	bool (*read)(const struct yaml *y, struct task_terms *out);
} terms[] = {
	{ "after", read_after },
	{ "needs", read_needs },
	{ "timeout", read_timeout },
	{ "retries", read_retries },
	{ "approvals", read_approvals },
};

static bool read_term(size_t which, const char *value, struct task_terms *out)
{
	struct yaml *tree;
	const struct yaml *y = extra_read(value, &tree);
	bool well = y != NULL && terms[which].read(y, out);

	yaml_tree_free(tree);
	return well;
}

bool task_terms_read(const struct message *m, struct task_terms *out)
{
	bool any = false;

	*out = (struct task_terms){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
		const char *value = message_extra(m, terms[i].key);

		any = any || value != NULL;
		if (value != NULL && !read_term(i, value, out))
			out->unclear = terms[i].key;
	}
	return any;
}

const char *task_terms_key(size_t i)
{
	return i < ARRAY_LEN(terms) ? terms[i].key : NULL;
}

void task_terms_release(struct task_terms *t)
{
	list_release(&t->after);
	list_release(&t->needs);
	*t = (struct task_terms){ 0 };
}

bool task_may_try_again(const struct message *m, uint64_t attempt)
{
	struct task_terms t;
	bool again;

	task_terms_read(m, &t);
	again = attempt > 0 && attempt <= t.retries;
	task_terms_release(&t);
	return again;
}

/* ---- writing ---- */

static void write_number(struct message *m, const char *key, uint64_t number)
{
	struct buf text = BUF_INIT;

	if (number == 0)
		return;
	buf_printf(&text, "%llu", (unsigned long long)number);
	message_add_extra(m, key, text.data);
	buf_release(&text);
}

void task_terms_write(struct message *m, const struct task_terms *t)
{
	struct buf text = BUF_INIT;

	extra_write_list(m, "after", &t->after);
	extra_write_list(m, "needs", &t->needs);
	if (t->timeout != 0) {
		duration_write(&text, t->timeout);
		message_add_extra(m, "timeout", text.data);
	}
	write_number(m, "retries", t->retries);
	write_number(m, "approvals", t->approvals);
	buf_release(&text);
}
