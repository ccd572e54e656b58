/* Tasks in parts and stages (operation.h). local/operations.c does what is decided here. */
#include "trine/operation.h"

#include <stdlib.h>
#include <string.h>

#include "extra.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

void operation_release(struct operation *o)
{
	list_release(&o->to);
	list_release(&o->undo);
	free(o->review);
	*o = (struct operation){ 0 };
}

bool operation_end(const char *to, int *computer, const char **instance)
{
	const char *slash = strchr(to, '/');
	struct span number = { to, slash != NULL ? (size_t)(slash - to) : strlen(to) };

	*instance = slash != NULL ? slash + 1 : NULL;
	return computer_parse(number, computer) &&
	       (slash == NULL || plain_name_valid(span_str(slash + 1)));
}

/* ---- reading ---- */

static bool is_end(struct span text)
{
	const char *instance;
	int computer;

	return operation_end(text.p, &computer, &instance);
}

static bool is_words(struct span text)
{
	return text.len <= LIMIT_TITLE;
}

static const struct extra_items ends = { is_end, OPERATION_STEPS, false };
static const struct extra_items words = { is_words, OPERATION_STEPS, false };

static bool read_parts(const struct yaml *y, struct operation *out)
{
	return out->to.count == 0 && extra_read_list(y, &ends, &out->to) &&
	       out->to.count > 0;
}

static bool read_stages(const struct yaml *y, struct operation *out)
{
	out->staged = true;
	return read_parts(y, out);
}

static bool read_undo(const struct yaml *y, struct operation *out)
{
	return out->staged && extra_read_list(y, &words, &out->undo) &&
	       out->undo.count <= out->to.count;
}

static bool read_review(const struct yaml *y, struct operation *out)
{
	const char *text = yaml_text(y);

	if (out->to.count == 0 || text == NULL || !is_end(span_str(text)))
		return false;
	out->review = xstrdup(text);
	return true;
}

/* In this order: the later ones ask what the former ones found. */
static const struct {
	const char *key;
	bool (*read)(const struct yaml *y, struct operation *out);
} keys[] = {
	{ "parts", read_parts },
	{ "stages", read_stages },
	{ "undo", read_undo },
	{ "review", read_review },
};

static bool read_value(size_t which, const char *value, struct operation *out)
{
	struct yaml *tree;
	const struct yaml *y = extra_read(value, &tree);
	bool well = y != NULL && keys[which].read(y, out);

	yaml_tree_free(tree);
	return well;
}

bool operation_is(const struct message *m)
{
	return m->type == TYPE_TASK && m->stream.from == m->stream.to &&
	       (message_extra(m, "parts") != NULL ||
		message_extra(m, "stages") != NULL);
}

bool operation_read(const struct message *m, struct operation *out, const char **why)
{
	bool any = false;

	*out = (struct operation){ 0 };
	*why = NULL;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *value = message_extra(m, keys[i].key);

		any = any || value != NULL;
		if (value != NULL && *why == NULL && !read_value(i, value, out))
			*why = keys[i].key;
	}
	return any;
}

/* ---- writing ---- */

void operation_write(struct message *m, const struct operation *o)
{
	extra_write_list(m, o->staged ? "stages" : "parts", &o->to);
	extra_write_list(m, "undo", &o->undo);
	extra_write(m, "review", o->review);
}

static const char *const kinds[] = {
	[STEP_PART] = "part", [STEP_UNDO] = "undo", [STEP_REVIEW] = "review",
};

void operation_part_write(struct message *m, const struct operation_step *step)
{
	char *part = xasprintf("%s/%s/%zu", step->id, kinds[step->kind], step->index);

	message_add_extra(m, "part", part);
	free(part);
}

bool operation_part_parse(const char *part, struct operation_step *out)
{
	size_t id = strcspn(part, "/"), kind;
	uint64_t index;

	if (id >= MESSAGE_ID || !message_id_valid((struct span){ part, id }) ||
	    part[id] != '/')
		return false;
	memcpy(out->id, part, id);
	out->id[id] = '\0';
	part += id + 1;
	kind = strcspn(part, "/");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (span_is((struct span){ part, kind }, kinds[i]) &&
		    part[kind] == '/' &&
		    text_number(span_str(part + kind + 1), &index) &&
		    index < OPERATION_STEPS) {
			out->kind = (enum step_kind)i;
			out->index = (size_t)index;
			return true;
		}
	return false;
}

/* ---- what is next ---- */

static struct operation_action send(enum step_kind kind, size_t index)
{
	return (struct operation_action){ OPERATION_SEND, kind, index };
}

static struct operation_action just(enum operation_verb verb)
{
	return (struct operation_action){ verb, STEP_PART, 0 };
}

static struct operation_action close_by_review(const struct operation *o,
					       const struct operation_steps *s)
{
	static const enum operation_verb verbs[] = {
		[STEP_OPEN] = OPERATION_WAIT,
		[STEP_DONE] = OPERATION_COMPLETE,
		[STEP_FAILED] = OPERATION_FAIL,
	};

	if (o->review == NULL)
		return just(OPERATION_COMPLETE);
	return s->review == STEP_NONE ? send(STEP_REVIEW, 0)
				      : just(verbs[s->review]);
}

static struct operation_action next_part(const struct operation *o,
					 const struct operation_steps *s)
{
	bool open = false, failed = false;

	for (size_t i = 0; i < o->to.count; i++) {
		if (s->part[i] == STEP_NONE)
			return send(STEP_PART, i);
		open = open || s->part[i] == STEP_OPEN;
		failed = failed || s->part[i] == STEP_FAILED;
	}
	if (open)
		return just(OPERATION_WAIT);
	return failed ? just(OPERATION_FAIL) : close_by_review(o, s);
}

/* One at a time: what undoes an earlier stage may need that the later one is undone.
 * One that fails does not keep the others from being undone. */
static struct operation_action undo_before(const struct operation *o,
					   const struct operation_steps *s, size_t stage)
{
	while (stage-- > 0) {
		if (stage >= o->undo.count || o->undo.item[stage][0] == '\0')
			continue;
		if (s->undo[stage] == STEP_NONE)
			return send(STEP_UNDO, stage);
		if (s->undo[stage] == STEP_OPEN)
			return just(OPERATION_WAIT);
	}
	return just(OPERATION_FAIL);
}

static struct operation_action next_stage(const struct operation *o,
					  const struct operation_steps *s)
{
	for (size_t i = 0; i < o->to.count; i++)
		switch (s->part[i]) {
		case STEP_NONE:
			return send(STEP_PART, i);
		case STEP_OPEN:
			return just(OPERATION_WAIT);
		case STEP_FAILED:
			return undo_before(o, s, i);
		case STEP_DONE:
			break;
		}
	if (o->review != NULL && s->review == STEP_FAILED)
		return undo_before(o, s, o->to.count);
	return close_by_review(o, s);
}

struct operation_action operation_next(const struct operation *o,
				       const struct operation_steps *steps)
{
	return o->staged ? next_stage(o, steps) : next_part(o, steps);
}
