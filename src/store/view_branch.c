/*
 * Questions about other branches than the fleet's (trine/store.h), answered from
 * the view.
 */
#include <stdlib.h>

#include "store.h"
#include "trine/mem.h"

void branches_free(struct branch *l, size_t count)
{
	for (size_t i = 0; l != NULL && i < count; i++) {
		free(l[i].name);
		free(l[i].why);
	}
	free(l);
}

int view_branches(struct store *s, struct branch **out, size_t *count,
		  struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_BRANCHES, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct branch *b;

		ARRAY_GROW(*out, *count, cap);
		b = &(*out)[(*count)++];
		b->name = column_text(q, 0);
		column_copy(q, 1, b->tip, sizeof(b->tip));
		b->taken = column_number(q, 2) != 0;
		b->why = column_text(q, 3);
		column_copy(q, 4, b->failed, sizeof(b->failed));
		b->failures = (uint64_t)column_number(q, 5);
	}
	query_end(q);
	if (result == -1) {
		branches_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return result;
}

void branch_news_free(struct branch_news *l, size_t count)
{
	for (size_t i = 0; l != NULL && i < count; i++) {
		free(l[i].branch);
		free(l[i].path);
	}
	free(l);
}

int view_branch_news(struct store *s, struct branch_news **out, size_t *count,
		     struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_NEWS, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct branch_news *n;

		ARRAY_GROW(*out, *count, cap);
		n = &(*out)[(*count)++];
		*n = (struct branch_news){ .branch = column_text(q, 0) };
		n->time = column_number(q, 1);
		n->path = column_text(q, 2);
		column_copy(q, 3, n->commit, sizeof(n->commit));
		column_copy(q, 4, n->line.digest, sizeof(n->line.digest));
		n->line.most = (uint64_t)column_number(q, 5);
		n->seq = (uint64_t)column_number(q, 6);
	}
	query_end(q);
	if (result == -1) {
		branch_news_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return result;
}

int view_beside(struct store *s, const char *commit, bool *out,
		struct error *err)
{
	return query_number(s, SQL_BESIDE, BINDS(TEXT(commit)), out, NULL, err);
}

int view_beside_any(struct store *s, bool *out, struct error *err)
{
	return query_number(s, SQL_BESIDE_ANY, BINDS_NONE, out, NULL, err);
}
