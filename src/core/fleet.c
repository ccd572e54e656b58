/*
 * fleet.yaml (fleet.h): reading it, and asking it. Whoever needs to know who
 * the others are comes here: ownership, routing, readers of ALL, addressees.
 */
#include "trine/fleet.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"
#include "trine/yaml.h"

static int refuse(const struct yaml *y, struct error *err, const char *what)
{
	return error_set(err, ERR_DATA, "line %u: %s", y->line, what);
}

/* 0 if it is no number of a computer. */
static int computer_number(struct span s)
{
	int n;

	return computer_parse(s, &n) ? n : 0;
}

static int computer_of(const struct yaml *y)
{
	const char *text = yaml_text(y);

	return text != NULL ? computer_number(span_str(text)) : 0;
}

/* The text of KEY in MAP, NULL if it is not there; -1 if it is no text. */
static int get_text(const struct yaml *map, const char *key, const char **out,
		    struct error *err)
{
	const struct yaml *y = yaml_get(map, key);

	*out = yaml_text(y);
	if (y != NULL && y->kind != YAML_SCALAR)
		return error_set(err, ERR_DATA, "line %u: %s is no text",
				 y->line, key);
	return 0;
}

/* The number of KEY in MAP, 0 if it is not there. */
static int get_number(const struct yaml *map, const char *key, int *out,
		      struct error *err)
{
	const struct yaml *y = yaml_get(map, key);

	*out = 0;
	if (y == NULL)
		return 0;
	*out = computer_of(y);
	if (*out == 0)
		return error_set(err, ERR_DATA, "line %u: %s is no number from "
				 "1 to %d", y->line, key, LIMIT_COMPUTERS);
	return 0;
}

/* KEY of the whole file as a list; *OUT NULL if it is not there or empty. */
static int get_list(const struct yaml *root, const char *key,
		    const struct yaml **out, struct error *err)
{
	const struct yaml *y = yaml_get(root, key);

	*out = NULL;
	if (y == NULL || (y->kind == YAML_SCALAR && yaml_text(y) == NULL))
		return 0;
	if (y->kind != YAML_LIST)
		return error_set(err, ERR_DATA, "line %u: %s is no list",
				 y->line, key);
	*out = y;
	return 0;
}

static bool is_null(const struct yaml *y)
{
	return y->kind == YAML_SCALAR && yaml_text(y) == NULL;
}

static int read_computer(const char *key, const struct yaml *y,
			 struct fleet *f, struct error *err)
{
	struct fleet_computer c = { .number = computer_number(span_str(key)) };
	const char *name, *specialty;

	if (c.number == 0)
		return refuse(y, err, "a computer is a number from 1 to 999");
	if (y->kind != YAML_MAP && !is_null(y))
		return refuse(y, err, "a computer is written N: {name: …}");
	if (get_text(y, "name", &name, err) == -1 ||
	    get_text(y, "specialty", &specialty, err) == -1)
		return -1;
	c.name = xstrdup(name);
	c.specialty = xstrdup(specialty);
	ARRAY_GROW(f->computer, f->computer_count, f->computer_cap);
	f->computer[f->computer_count++] = c;
	return 0;
}

static int read_computers(const struct yaml *root, struct fleet *f,
			  struct error *err)
{
	const struct yaml *y = yaml_get(root, "computers");

	if (y == NULL || is_null(y))
		return 0;
	if (y->kind != YAML_MAP)
		return refuse(y, err, "computers is no map of numbers");
	for (size_t i = 0; i < y->count; i++)
		if (read_computer(y->key[i], y->item[i], f, err) == -1)
			return -1;
	return 0;
}

static int read_rule(const struct yaml *y, struct fleet *f, struct error *err)
{
	const char *glob;
	int owner;

	if (y->kind != YAML_MAP)
		return refuse(y, err, "a rule is written {path: …, owner: N}");
	if (get_text(y, "path", &glob, err) == -1 ||
	    get_number(y, "owner", &owner, err) == -1)
		return -1;
	if (glob == NULL || *glob == '\0' || strlen(glob) > LIMIT_PATH)
		return refuse(y, err, "a rule without a usable path");
	if (owner == 0)
		return refuse(y, err, "a rule without an owner");
	if (f->rule_count == FLEET_RULES)
		return refuse(y, err, "too many rules");
	ARRAY_GROW(f->rule, f->rule_count, f->rule_cap);
	f->rule[f->rule_count++] = (struct fleet_rule){ xstrdup(glob), owner };
	return 0;
}

static int read_rules(const struct yaml *root, struct fleet *f,
		      struct error *err)
{
	const struct yaml *list;

	if (get_list(root, "owners", &list, err) == -1)
		return -1;
	for (size_t i = 0; list != NULL && i < list->count; i++)
		if (read_rule(list->item[i], f, err) == -1)
			return -1;
	return 0;
}

/* "2" or "2/araya". */
static bool addressee_valid(const char *text)
{
	size_t len = strcspn(text, "/");

	if (computer_number((struct span){ text, len }) == 0)
		return false;
	return text[len] == '\0' || plain_name_valid(span_str(text + len + 1));
}

static bool stage_valid(const char *text)
{
	return computer_number(span_str(text)) != 0;
}

/* One value or a list of them, each of which GOOD accepts. */
static int read_texts(const struct yaml *y, bool (*good)(const char *),
		      struct list *out, struct error *err)
{
	const struct yaml *one;
	size_t count;

	if (y == NULL)
		return 0;
	count = y->kind == YAML_LIST ? y->count : 1;
	for (size_t i = 0; i < count; i++) {
		one = y->kind == YAML_LIST ? y->item[i] : y;
		if (yaml_text(one) == NULL || !good(yaml_text(one)))
			return refuse(one, err, "work goes to a computer, N or "
				      "N/INSTANCE");
		list_add(out, yaml_text(one));
	}
	return 0;
}

static void release_route(struct fleet_route *r)
{
	free(r->label);
	list_release(&r->to);
	list_release(&r->stages);
}

static int fill_route(const struct yaml *y, struct fleet_route *r,
		      struct error *err)
{
	const char *label;

	if (y->kind != YAML_MAP)
		return refuse(y, err, "a route is written {label: …, to: N}");
	if (get_text(y, "label", &label, err) == -1 ||
	    get_number(y, "review", &r->review, err) == -1 ||
	    get_number(y, "approvals", &r->approvals, err) == -1 ||
	    read_texts(yaml_get(y, "to"), addressee_valid, &r->to, err) == -1 ||
	    read_texts(yaml_get(y, "stages"), stage_valid, &r->stages, err) == -1)
		return -1;
	if (label == NULL || !plain_name_valid(span_str(label)))
		return refuse(y, err, "a route without a usable label");
	if (r->to.count == 0 && r->stages.count == 0)
		return refuse(y, err, "a route that leads nowhere");
	r->label = xstrdup(label);
	return 0;
}

static int read_routes(const struct yaml *root, struct fleet *f,
		       struct error *err)
{
	const struct yaml *list;
	struct fleet_route r;

	if (get_list(root, "routes", &list, err) == -1)
		return -1;
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		r = (struct fleet_route){ 0 };
		if (fill_route(list->item[i], &r, err) == -1) {
			release_route(&r);
			return -1;
		}
		ARRAY_GROW(f->route, f->route_count, f->route_cap);
		f->route[f->route_count++] = r;
	}
	return 0;
}

static int read_retired(const struct yaml *root, struct fleet *f,
			struct error *err)
{
	const struct yaml *list;
	int n;

	if (get_list(root, "retired", &list, err) == -1)
		return -1;
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		n = computer_of(list->item[i]);
		if (n == 0)
			return refuse(list->item[i], err,
				      "retired lists numbers of computers");
		if (fleet_retired(f, n))
			continue;
		ARRAY_GROW(f->retired, f->retired_count, f->retired_cap);
		f->retired[f->retired_count++] = n;
	}
	return 0;
}

int fleet_parse(struct span bytes, struct fleet *out, struct error *err)
{
	struct yaml *root = NULL;
	int rc = -1;

	*out = (struct fleet)FLEET_INIT;
	if (yaml_parse(bytes, LIMIT_FLEET, &root, err) == -1)
		return -1;
	if (root->kind != YAML_MAP)
		refuse(root, err, "not a map of keys");
	else if (read_computers(root, out, err) == 0 &&
		 read_rules(root, out, err) == 0 &&
		 read_routes(root, out, err) == 0 &&
		 read_retired(root, out, err) == 0)
		rc = 0;
	yaml_tree_free(root);
	if (rc == -1)
		fleet_release(out);
	return rc;
}

void fleet_release(struct fleet *f)
{
	for (size_t i = 0; i < f->computer_count; i++) {
		free(f->computer[i].name);
		free(f->computer[i].specialty);
	}
	for (size_t i = 0; i < f->rule_count; i++)
		free(f->rule[i].glob);
	for (size_t i = 0; i < f->route_count; i++)
		release_route(&f->route[i]);
	free(f->computer);
	free(f->rule);
	free(f->route);
	free(f->retired);
	*f = (struct fleet)FLEET_INIT;
}

const struct fleet_computer *fleet_computer(const struct fleet *f, int number)
{
	for (size_t i = 0; i < f->computer_count; i++)
		if (f->computer[i].number == number)
			return &f->computer[i];
	return NULL;
}

bool fleet_retired(const struct fleet *f, int number)
{
	for (size_t i = 0; i < f->retired_count; i++)
		if (f->retired[i] == number)
			return true;
	return false;
}

static int not_found(const struct fleet *f, const char *who, size_t found,
		     struct error *err)
{
	struct buf text = BUF_INIT;

	buf_adds(&text, found > 1 ? "more than one computer is called '" :
				    "no computer is called '");
	text_escape(&text, who, text_cut(who, strlen(who), LIMIT_NAME), false);
	buf_adds(&text, "'; there are: ");
	for (size_t i = 0; f != NULL && i < f->computer_count; i++) {
		buf_printf(&text, "%d ", f->computer[i].number);
		if (f->computer[i].name != NULL)
			text_escape(&text, f->computer[i].name,
				    strlen(f->computer[i].name), false);
		buf_truncate(&text, text.len - (text.data[text.len - 1] == ' '));
		buf_adds(&text, ", ");
	}
	buf_adds(&text, "ALL");
	error_set(err, ERR_NOTFOUND, "%s", text.data);
	buf_release(&text);
	return -1;
}

int fleet_find(const struct fleet *f, const char *who, int *out, struct error *err)
{
	size_t found = 0;

	if (strcasecmp(who, "ALL") == 0) {
		*out = END_ALL;
		return 0;
	}
	*out = computer_number(span_str(who));
	if (*out != 0)
		return 0;
	for (size_t i = 0; f != NULL && i < f->computer_count; i++)
		if (f->computer[i].name != NULL &&
		    strcasecmp(f->computer[i].name, who) == 0) {
			*out = f->computer[i].number;
			found++;
		}
	return found == 1 ? 0 : not_found(f, who, found, err);
}

const struct fleet_route *fleet_route(const struct fleet *f,
				      const struct list *labels)
{
	for (size_t l = 0; l < labels->count; l++)
		for (size_t i = 0; i < f->route_count; i++)
			if (strcmp(f->route[i].label, labels->item[l]) == 0)
				return &f->route[i];
	return NULL;
}
