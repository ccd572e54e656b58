/*
 * Options: one table for each command says how they are spelled, what they
 * want and what they mean. Parsing fills a struct through the table; usage,
 * help and the manual's check read the same table.
 *
 *	struct send_options { const char *title; struct list labels; };
 *
 *	static const struct option_spec options[] = {
 *		{ OPTION_TEXT, 'm', "title", "TITLE", "what it is about",
 *		  OPTION_FIELD(struct send_options, title) },
 *		OPTION_END
 *	};
 *
 * `-m TITLE`, `-mTITLE`, `--title TITLE` and `--title=TITLE` are the same; flags
 * of one letter may be joined (`-qv`); options may stand behind operands; `--`
 * ends them, and `-` alone is an operand.
 */
#ifndef TRINE_OPTIONS_H
#define TRINE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/list.h"

enum option_kind {
	OPTION_FLAG = 1,	/* bool */
	OPTION_TEXT,		/* const char *, borrowed from the arguments */
	OPTION_NUMBER,		/* int64_t, from min to max */
	OPTION_LIST		/* struct list; may be given again */
};

struct option_spec {
	enum option_kind kind;
	char letter;		/* 0: none */
	const char *name;	/* without --; NULL: none */
	const char *value;	/* how help calls the value; NULL of flags */
	const char *help;
	size_t offset, size;	/* OPTION_FIELD */
	int64_t min, max;	/* of numbers */
};

#define OPTION_FIELD(type, field) \
	offsetof(type, field), sizeof(((type *)NULL)->field), 0, 0
#define OPTION_RANGE(type, field, min, max) \
	offsetof(type, field), sizeof(((type *)NULL)->field), min, max
#define OPTION_END { 0, 0, NULL, NULL, NULL, 0, 0, 0, 0 }

struct option_set {
	const struct option_spec *spec;	/* or NULL */
	void *target;
};

enum options_order {
	OPTIONS_ANYWHERE,	/* among operands too */
	OPTIONS_FIRST		/* what follows the first operand is operands */
};

/* Parse the COUNT strings of ARG by the two sets, the first one first. Operands
 * are moved to the front of ARG, and *OPERANDS counts them. ERR_USAGE names the
 * option, and the nearest one to an unknown one. */
int options_parse(const struct option_set set[2], enum options_order order,
		  char **arg, size_t count, size_t *operands,
		  struct error *err);
void options_release(const struct option_set *set);

/* "-m, --title TITLE" */
void options_spell(struct buf *out, const struct option_spec *o);
/* A line for each, "  -m, --title TITLE   what it is about". */
void options_describe(struct buf *out, const struct option_spec *spec);

/* How many letters must be changed, added, left out or swapped to make one of
 * the other: to guess what a word was meant to be. Long words are far. */
unsigned options_distance(const char *a, const char *b);
/* Near enough to be worth a question? */
bool options_near(const char *given, const char *known);

#endif
