/* Values of extra keys (extra.h). */
#include "extra.h"

#include "trine/limits.h"
#include "trine/text.h"

const struct yaml *extra_read(const char *value, struct yaml **tree)
{
	struct error ignored = ERROR_INIT;
	struct buf text = BUF_INIT;
	int rc;

	*tree = NULL;
	buf_printf(&text, "value: %s\n", value);
	rc = yaml_parse(span_of(&text), LIMIT_YAML, tree, &ignored);
	buf_release(&text);
	return rc == 0 ? yaml_get(*tree, "value") : NULL;
}

bool extra_read_item(const struct yaml *y, const struct extra_items *items,
		     struct list *out)
{
	const char *text = yaml_text(y);

	if (text == NULL || !items->good(span_str(text)) ||
	    out->count >= items->most)
		return false;
	if (!items->once || !list_has(out, text))
		list_add(out, text);
	return true;
}

bool extra_read_list(const struct yaml *y, const struct extra_items *items,
		     struct list *out)
{
	if (y->kind != YAML_LIST)
		return false;
	for (size_t i = 0; i < y->count; i++)
		if (!extra_read_item(y->item[i], items, out))
			return false;
	return true;
}

void extra_write(struct message *m, const char *key, const char *text)
{
	struct buf value = BUF_INIT;

	if (text == NULL)
		return;
	yaml_write(&value, text);
	message_add_extra(m, key, value.data);
	buf_release(&value);
}

void extra_write_list(struct message *m, const char *key, const struct list *l)
{
	struct buf value = BUF_INIT;

	if (l->count == 0)
		return;
	for (size_t i = 0; i < l->count; i++) {
		buf_adds(&value, i == 0 ? "[" : ", ");
		yaml_write(&value, l->item[i]);
	}
	buf_addc(&value, ']');
	message_add_extra(m, key, value.data);
	buf_release(&value);
}
