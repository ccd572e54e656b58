/*
 * Events of other branches than the fleet's, applied to the view (apply.c lists
 * them).
 */
#include "store.h"

static int add_news(struct store *s, const char *branch, const struct field *news,
		    struct error *err)
{
	return query_run(s, SQL_NEWS_ADD,
			 BINDS(TEXT(branch), NUMBER(get_time(news, "time")),
			       TEXT(get_text(news, "path")),
			       TEXT(get_text(news, "commit")),
			       TEXT(get_text(news, "line")),
			       NUMBER(get_number(news, "count")),
			       NUMBER(get_number(news, "number"))), err);
}

int apply_branch_looked(struct store *s, const struct event *e,
			struct error *err)
{
	const char *branch = get_text(e->json, "branch");
	const struct field *list = get_list(e->json, "news");

	if (query_run(s, SQL_BRANCH_SET,
		      BINDS(TEXT(branch), TEXT(get_text(e->json, "tip")),
			    NUMBER(get_flag(e->json, "taken")),
			    TEXT(get_text(e->json, "why"))), err) == -1 ||
	    query_run(s, SQL_NEWS_REMOVE, BINDS(TEXT(branch)), err) == -1)
		return -1;
	FOR_FIELDS(list, news)
		if (add_news(s, branch, news, err) == -1)
			return -1;
	return 0;
}

int apply_branch_failed(struct store *s, const struct event *e,
			struct error *err)
{
	return query_run(s, SQL_BRANCH_FAILED,
			 BINDS(TEXT(get_text(e->json, "branch")),
			       TEXT(get_text(e->json, "tip")),
			       TEXT(get_text(e->json, "why"))), err);
}

int apply_branch_settled(struct store *s, const struct event *e,
			 struct error *err)
{
	return query_run(s, SQL_NEWS_SETTLED,
			 BINDS(TEXT(get_text(e->json, "branch")),
			       TEXT(get_text(e->json, "path")),
			       TEXT(get_text(e->json, "commit"))), err);
}

int apply_branch_gone(struct store *s, const struct event *e, struct error *err)
{
	const char *branch = get_text(e->json, "branch");

	if (query_run(s, SQL_BRANCH_REMOVE, BINDS(TEXT(branch)), err) == -1)
		return -1;
	return query_run(s, SQL_NEWS_REMOVE, BINDS(TEXT(branch)), err);
}

int apply_beside(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_BESIDE_ADD,
			 BINDS(TEXT(get_text(e->json, "commit"))), err);
}
