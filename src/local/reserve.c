/*
 * Reservations (reserve.h). cli/cmd_reserve.c and cmd_check.c call these.
 */
#include "trine/reserve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/names.h"
#include "trine/refused.h"
#include "trine/text.h"

bool reserve_lasts(const struct reservation *r, int64_t now)
{
	return r->until > now;
}

/* ---- paths ---- */

/* PATH as seen from FOLDER: absolute, without `.`, `..` and double slashes. It need
 * not exist; caller frees. */
static char *make_absolute(const char *folder, const char *path)
{
	struct buf out = BUF_INIT;
	char *whole = path[0] == '/' ? xstrdup(path) :
		      xasprintf("%s/%s", folder, path);
	char *save = NULL;

	for (char *part = strtok_r(whole, "/", &save); part != NULL;
	     part = strtok_r(NULL, "/", &save)) {
		if (strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") == 0) {
			const char *slash = strrchr(out.data, '/');

			buf_truncate(&out, slash != NULL ?
				     (size_t)(slash - out.data) : 0);
		} else {
			buf_printf(&out, "/%s", part);
		}
	}
	free(whole);
	if (out.len == 0)
		buf_addc(&out, '/');
	return buf_detach(&out);
}

/* PATH with the links in its folders followed, as far as these exist, and, if WHOLE,
 * itself, too. Caller frees. */
static char *follow_links(const char *path, bool whole)
{
	struct error ignored = ERROR_INIT;
	char *head = xstrdup(path), *slash, *out;
	char *real = whole ? file_real(head, &ignored) : NULL;

	while (real == NULL && (slash = strrchr(head, '/')) != NULL &&
	       slash != head) {
		*slash = '\0';
		real = file_real(head, &ignored);
	}
	out = real != NULL ? xasprintf("%s%s", real, path + strlen(head)) :
	      xstrdup(path);
	free(real);
	free(head);
	return out;
}

/* The absolute GLOB as those find it who come by another way: with the links followed
 * before its first wildcard. What a wildcard stands for nobody knows. Caller frees. */
static char *follow_glob(const char *glob)
{
	char *head = xstrdup(glob), *real, *out;
	size_t plain = strcspn(glob, "*?");

	while (glob[plain] != '\0' && plain > 0 && glob[plain] != '/')
		plain--;
	head[plain] = '\0';
	real = follow_links(head, true);
	out = xasprintf("%s%s", real, glob + plain);
	free(real);
	free(head);
	return out;
}

/* The nearest folder, FOLDER or above, that holds .git, else FOLDER; caller frees. */
static char *find_base(const char *folder)
{
	char *at = xstrdup(folder), *slash;

	for (;;) {
		char *git = xasprintf("%s/.git", at);
		bool there = file_exists(git);

		free(git);
		if (there)
			return at;
		slash = strrchr(at, '/');
		if (slash == NULL || slash == at)
			break;
		*slash = '\0';
	}
	free(at);
	return xstrdup(folder);
}

/* What of PATH is below BASE; NULL: it is not. */
static const char *below(const char *base, const char *path)
{
	size_t len = strlen(base);

	if (strncmp(path, base, len) != 0 || path[len] != '/')
		return NULL;
	return path + len + 1;
}

/* The same for a place that may be written down; caller frees. */
static char *place_below(const char *base, const char *path)
{
	const char *rest = below(base, path);

	return rest != NULL && *rest != '\0' && strlen(rest) <= LIMIT_PATH ?
	       xstrdup(rest) : NULL;
}

/* GLOB, given in FOLDER, as it counts from BASE. One that links lead out of it stays as
 * it was given: so it is found by that name, at least. Caller frees. */
static char *place_glob(const char *base, const char *folder, const char *glob,
			struct error *err)
{
	char *whole, *real, *placed;

	if (*glob == '\0' || !text_is_utf8(glob, strlen(glob)) ||
	    strpbrk(glob, "\n\r") != NULL) {
		error_set(err, ERR_USAGE, "an empty glob, or one with a line's end");
		return NULL;
	}
	whole = make_absolute(folder, glob);
	real = follow_glob(whole);
	placed = place_below(base, real);
	if (placed == NULL)
		placed = place_below(base, whole);
	if (placed == NULL)
		error_set(err, ERR_USAGE, "%.80s is not below %s, or too long", glob,
			  base);
	free(real);
	free(whole);
	return placed;
}

/* ---- taking ---- */

/* The globs of R, as they count from BASE: R's own, or a folder above it. False: it
 * is neither. */
static bool globs_from(const char *base, const struct reservation *r,
		       struct list *out)
{
	const char *way = below(base, r->base);

	if (way == NULL && strcmp(base, r->base) != 0)
		return false;
	for (size_t i = 0; i < r->globs.count; i++)
		list_take(out, way != NULL ?
			  xasprintf("%s/%s", way, r->globs.item[i]) :
			  xstrdup(r->globs.item[i]));
	return true;
}

/* Which of B's; NULL: none. A base may be below another: a repository in one. */
static const char *meet(const struct reservation *a, const struct reservation *b)
{
	const char *outer = strlen(a->base) < strlen(b->base) ? a->base : b->base;
	struct list ours = { 0 }, theirs = { 0 };
	const char *found = NULL;

	if (globs_from(outer, a, &ours) && globs_from(outer, b, &theirs))
		for (size_t i = 0; i < ours.count && found == NULL; i++)
			for (size_t k = 0; k < theirs.count && found == NULL; k++)
				if (path_globs_meet(ours.item[i], theirs.item[k]))
					found = b->globs.item[k];
	list_release(&ours);
	list_release(&theirs);
	return found;
}

static int refuse(const struct home *h, const struct reservation *r,
		  const char *glob, struct error *err)
{
	int64_t now = h->clock->now(h->clock);
	char left[TIME_TEXT];

	return error_set(err, ERR_NO, "%s is reserved by %s%s%s, for another %s",
			 glob, r->holder, *r->why ? ": " : "", r->why,
			 duration_words(r->until - now, left));
}

static int check_free(struct home *h, const struct reservation *wanted,
		      struct error *err)
{
	int64_t now = h->clock->now(h->clock);
	struct reservation_list l;
	int rc = view_reservations(h->store, &l, err);

	for (size_t i = 0; i < l.count && rc == 0; i++) {
		const struct reservation *r = &l.item[i];
		const char *glob = NULL;

		if (r->session != wanted->session && reserve_lasts(r, now) &&
		    !(r->shared && wanted->shared))
			glob = meet(wanted, r);
		if (glob != NULL)
			rc = refuse(h, r, glob, err);
	}
	reservation_list_release(&l);
	return rc;
}

static int fill(struct home *h, const struct session *s,
		const struct reserve_wish *w, struct reservation *out,
		struct error *err)
{
	char who[SESSION_TEXT], *folder;
	int rc = 0;

	if (w->count == 0 || w->count > RESERVE_GLOBS || w->ttl < 0 ||
	    w->ttl > RESERVE_TTL_MOST)
		return error_set(err, ERR_USAGE, "at most %d globs, for at most %d "
				 "days", RESERVE_GLOBS, RESERVE_TTL_MOST / 86400);
	if (!text_fits(w->why, LIMIT_TITLE))
		return error_set(err, ERR_USAGE, "--why takes %d bytes of UTF-8",
				 LIMIT_TITLE);
	folder = follow_links(w->folder, true);
	out->base = find_base(folder);
	for (size_t i = 0; i < w->count && rc == 0; i++) {
		char *glob = place_glob(out->base, folder, w->globs[i], err);

		if (glob == NULL)
			rc = -1;
		else
			list_take(&out->globs, glob);
	}
	free(folder);
	if (rc == -1)
		return -1;
	out->shared = w->shared;
	out->session = s->id;
	out->holder = xstrdup(session_text(s, who));
	out->why = xstrdup(w->why ? w->why : "");
	out->until = h->clock->now(h->clock) +
		     (w->ttl != 0 ? w->ttl : RESERVE_TTL);
	return 0;
}

int reserve_take(struct home *h, const struct session *session,
		 const struct reserve_wish *wish, struct reservation *out,
		 struct error *err)
{
	int rc;

	*out = (struct reservation){ 0 };
	if (fill(h, session, wish, out, err) == -1 ||
	    store_begin(h->store, err) == -1) {
		reservation_release(out);
		return -1;
	}
	rc = session_stays(h, session, err);
	if (rc == 0)
		rc = check_free(h, out, err);
	if (rc == 0)
		rc = record_reserved(h->store, out, err);
	if (store_end(h->store, rc, err) == 0)
		return 0;
	if (err->code == ERR_NO)
		refused_count(h, REFUSED_FILES);
	reservation_release(out);
	return -1;
}

/* ---- giving back ---- */

static int end_those(struct home *h, uint64_t session, uint64_t id,
		     const char *why, size_t *ended, struct error *err)
{
	struct reservation_list l;
	int rc = view_reservations(h->store, &l, err);

	*ended = 0;
	for (size_t i = 0; i < l.count && rc == 0; i++) {
		if (l.item[i].session != session ||
		    (id != 0 && l.item[i].id != id))
			continue;
		rc = record_unreserved(h->store, l.item[i].id, why, err);
		(*ended)++;
	}
	reservation_list_release(&l);
	return rc;
}

int reserve_give_back(struct home *h, const struct session *session, uint64_t id,
		      struct error *err)
{
	size_t ended;
	int rc;

	if (store_begin(h->store, err) == -1)
		return -1;
	rc = end_those(h, session->id, id, "", &ended, err);
	if (rc == 0 && ended == 0 && id != 0)
		rc = error_set(err, ERR_NO, "you have no reservation %llu",
			       (unsigned long long)id);
	return store_end(h->store, rc, err);
}

int reserve_end(struct home *h, const struct session *s, const char *why,
		struct error *err)
{
	size_t ended;

	return end_those(h, s->id, 0, why, &ended, err);
}

/* ---- checking ---- */

static bool holds(const struct reservation *r, const char *path)
{
	const char *rest = below(r->base, path);

	for (size_t i = 0; rest != NULL && i < r->globs.count; i++)
		if (path_glob(r->globs.item[i], rest))
			return true;
	return false;
}

int reserve_check(struct home *h, const struct session *session,
		  const char *folder, const char *path, struct reservation *out,
		  bool *held, struct error *err)
{
	char *whole = make_absolute(folder, path);
	char *place = follow_links(whole, false);
	char *real = follow_links(whole, true);
	int64_t now = h->clock->now(h->clock);
	struct reservation_list l;
	int rc = view_reservations(h->store, &l, err);

	*held = false;
	*out = (struct reservation){ 0 };
	for (size_t i = 0; i < l.count && rc == 0 && !*held; i++) {
		struct reservation *r = &l.item[i];

		if ((session != NULL && session->id == r->session) ||
		    !reserve_lasts(r, now) ||
		    (!holds(r, whole) && !holds(r, place) && !holds(r, real)))
			continue;
		*held = true;
		*out = *r;
		*r = (struct reservation){ 0 };
	}
	reservation_list_release(&l);
	free(real);
	free(place);
	free(whole);
	return rc;
}
