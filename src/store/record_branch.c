/*
 * Other branches of the remote than the fleet's, as events (trine/store.h).
 * apply_branch.c is the other half.
 */
#include "store.h"

static json_t *fields_of(const char *branch, const char *tip, const char *why)
{
	json_t *fields = json_object();

	put_text(fields, "branch", branch);
	put_text(fields, "tip", tip);
	put_text(fields, "why", why);
	return fields;
}

static json_t *news_to_json(const struct branch_news *news)
{
	json_t *one = json_object();

	put_text(one, "path", news->path);
	put_text(one, "commit", news->commit);
	put_time(one, "time", news->time);
	put_text(one, "line", news->line.digest);
	put_number(one, "count", news->line.most);
	put_number(one, "number", news->seq);
	return one;
}

int record_branch_looked(struct store *s, const char *branch, const char *tip,
			 bool taken, const char *why,
			 const struct branch_news *news, size_t count,
			 struct error *err)
{
	json_t *fields = fields_of(branch, tip, why), *list = json_array();

	put_flag(fields, "taken", taken);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, news_to_json(&news[i]));
	if (count > 0)
		json_object_set(fields, "news", list);
	json_decref(list);
	return event_record(s, "branch.looked", fields, err);
}

int record_branch_failed(struct store *s, const char *branch, const char *tip,
			 const char *why, struct error *err)
{
	return event_record(s, "branch.failed", fields_of(branch, tip, why),
			    err);
}

int record_branch_settled(struct store *s, const struct branch_news *news,
			  struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "branch", news->branch);
	put_text(fields, "path", news->path);
	put_text(fields, "commit", news->commit);
	return event_record(s, "branch.settled", fields, err);
}

int record_branch_gone(struct store *s, const char *branch, struct error *err)
{
	return event_record(s, "branch.gone", fields_of(branch, "", ""), err);
}

int record_beside(struct store *s, const char *commit, struct error *err)
{
	json_t *fields;
	bool known;

	if (view_beside(s, commit, &known, err) == -1)
		return -1;
	if (known)
		return 0;
	fields = json_object();
	put_text(fields, "commit", commit);
	return event_record(s, "commit.beside", fields, err);
}
