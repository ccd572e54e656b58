/*
 * What a task says of when it may be begun (task.h): keys of its message. The view
 * asks here when a task comes in, and local/tasks.c when it is made.
 */
#include <string.h>

#include "duration.h"
#include "trine/mem.h"
#include "trine/task.h"
#include "trine/text.h"
#include "trine/yaml.h"

/* ---- reading ---- */

static bool add_text(const struct yaml *y, bool (*valid)(struct span s),
		     struct list *out)
{
	const char *text = yaml_text(y);

	if (text == NULL || !valid(span_str(text)) ||
	    out->count >= LIMIT_TASK_NAMES)
		return false;
	if (!list_has(out, text))
		list_add(out, text);
	return true;
}

/* One name, or a list of them. */
static bool read_names(const struct yaml *y, bool (*valid)(struct span s),
		       struct list *out)
{
	if (y->kind == YAML_SCALAR)
		return add_text(y, valid, out);
	if (y->kind != YAML_LIST)
		return false;
	for (size_t i = 0; i < y->count; i++)
		if (!add_text(y->item[i], valid, out))
			return false;
	return true;
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

/* VALUE is YAML in flow style: it is read as that of a key. */
static bool read_term(size_t which, const char *value, struct task_terms *out)
{
	struct error ignored = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct yaml *y = NULL;
	bool well;

	buf_printf(&text, "value: %s\n", value);
	well = yaml_parse(span_of(&text), LIMIT_YAML, &y, &ignored) == 0 &&
	       yaml_get(y, "value") != NULL &&
	       terms[which].read(yaml_get(y, "value"), out);
	yaml_tree_free(y);
	buf_release(&text);
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

/* ---- writing ---- */

static void write_names(struct message *m, const char *key,
			const struct list *names)
{
	struct buf value = BUF_INIT;

	if (names->count == 0)
		return;
	for (size_t i = 0; i < names->count; i++) {
		buf_adds(&value, i == 0 ? "[" : ", ");
		yaml_write(&value, names->item[i]);
	}
	buf_addc(&value, ']');
	message_add_extra(m, key, value.data);
	buf_release(&value);
}

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

	write_names(m, "after", &t->after);
	write_names(m, "needs", &t->needs);
	if (t->timeout != 0) {
		duration_write(&text, t->timeout);
		message_add_extra(m, "timeout", text.data);
	}
	write_number(m, "retries", t->retries);
	write_number(m, "approvals", t->approvals);
	buf_release(&text);
}
