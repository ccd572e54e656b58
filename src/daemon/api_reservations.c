/* The API of reservations (api.h): what `trine reserve` and `trine check` do. */
#include "api.h"
#include "trine/objects.h"
#include "trine/reserve.h"

static int run_list(struct call *c, json_t **out, struct error *err)
{
	int64_t now = c->home->clock->now(c->home->clock);
	struct reservation_list l;
	json_t *list;

	if (session_sweep_now(c->home, err) == -1 ||
	    view_reservations(c->home->store, &l, err) == -1)
		return -1;
	list = json_array();
	for (size_t i = 0; i < l.count; i++)
		if (reserve_lasts(&l.item[i], now))
			json_array_append_new(list, reservation_to_json(&l.item[i]));
	reservation_list_release(&l);
	*out = api_list("reservations", list);
	return 0;
}

/* Globs count from a folder of whoever asks, which we cannot know. */
static int find_folder(const struct call *c, const char **out, struct error *err)
{
	*out = call_text(c, "folder");
	if (*out == NULL && c->by != NULL)
		*out = c->by->folder;
	if (*out != NULL && (*out)[0] == '/')
		return 0;
	return error_set(err, ERR_USAGE, "\"folder\" is wanted, absolute: paths count "
			 "from there");
}

static int run_take(struct call *c, json_t **out, struct error *err)
{
	struct reserve_wish w = { .shared = call_flag(c, "shared"),
				  .ttl = call_long(c, "ttl"),
				  .why = call_text(c, "why") };
	struct list globs = LIST_INIT;
	struct reservation r = { 0 };
	int rc;

	call_list(c, "globs", &globs);
	w.globs = globs.item;
	w.count = globs.count;
	rc = find_folder(c, &w.folder, err);
	if (rc == 0)
		rc = reserve_take(c->home, c->by, &w, &r, err);
	if (rc == 0)
		*out = reservation_to_json(&r);
	reservation_release(&r);
	list_release(&globs);
	return rc;
}

static int run_release(struct call *c, json_t **out, struct error *err)
{
	if (reserve_give_back(c->home, c->by, (uint64_t)call_number(c, "id", 0),
			      err) == -1)
		return -1;
	*out = api_done();
	return 0;
}

static int run_check(struct call *c, json_t **out, struct error *err)
{
	const char *named = call_text(c, "session"), *folder;
	struct reservation r;
	bool held;

	if (named != NULL && session_find(c->home, named, &c->session, err) == -1)
		return -1;
	c->by = named != NULL ? &c->session : NULL;
	if (find_folder(c, &folder, err) == -1 ||
	    reserve_check(c->home, c->by, folder, call_text(c, "path"), &r, &held,
			  err) == -1)
		return -1;
	*out = json_pack("{s:i, s:b, s:o*}", "schema", 1, "held", (int)held,
			 "reservation", held ? reservation_to_json(&r) : NULL);
	reservation_release(&r);
	return 0;
}

/* ---- as data ---- */

#define FOLDER { "folder", API_TEXT, false, "absolute; else that of the session", NULL, \
		 0, 0 }

static const struct api_field take_fields[] = {
	{ "globs", API_TEXTS, true, "paths, as src/auth/**", NULL, 0, 0 },
	FOLDER,
	{ "shared", API_FLAG, false, "others may have shared ones of them, too", NULL, 0,
	  0 },
	{ "ttl", API_LONG, false, "for how long (else 1h)", NULL, 0, 0 },
	{ "why", API_TEXT, false, "what for", NULL, 0, 0 },
	API_END
};

static const struct api_field release_fields[] = {
	{ "id", API_NUMBER, false, "which; else all of the session", NULL, 1, 0 }, API_END
};

static const struct api_field check_fields[] = {
	{ "path", API_TEXT, true, "a file", NULL, 0, 0 }, FOLDER,
	{ "session", API_TEXT, false, "who asks: its own do not count", NULL, 0, 0 },
	API_END
};

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/reservations", "reservation_list",
	  "Which files are reserved, and by whom", NULL, "ReservationList", 0, run_list,
	  NULL },
	{ METHOD_POST, "/api/reservations", "reserve",
	  "Files that a session is about to change: 409, and whose they are",
	  take_fields, "Reservation", API_ACTIVE | API_SESSION, run_take, NULL },
	{ METHOD_POST, "/api/reservations/release", "reservation_release",
	  "Give back one, or all", release_fields, "Done", API_ACTIVE | API_SESSION,
	  run_release, NULL },
	{ METHOD_GET, "/api/check", "check", "Is a file reserved by another one?",
	  check_fields, "Check", 0, run_check, NULL },
	{ .path = NULL }
};

static const struct api_field reservation_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "id", API_NUMBER, true, "its number", NULL, 0, 0 },
	{ "base", API_TEXT, true, "the folder that its globs count from", NULL, 0, 0 },
	{ "globs", API_TEXTS, true, "paths", NULL, 0, 0 },
	{ "shared", API_FLAG, true, "may others have shared ones?", NULL, 0, 0 },
	{ "holder", API_TEXT, true, "whose it is", NULL, 0, 0 },
	{ "why", API_TEXT, true, "what for", NULL, 0, 0 },
	{ "since", API_TIME, true, "since when", NULL, 0, 0 },
	{ "until", API_TIME, true, "it is over then", NULL, 0, 0 },
	API_END
};

static const struct api_field list_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "reservations", API_OBJECTS, true, "those that last", "Reservation", 0, 0 },
	API_END
};

static const struct api_field check_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "held", API_FLAG, true, "by another one", NULL, 0, 0 },
	{ "reservation", API_OBJECT, false, "then which", "Reservation", 0, 0 },
	API_END
};

static const struct api_schema schemas[] = {
	{ "Reservation", "Files that a session is about to change", reservation_schema },
	{ "ReservationList", "Reservations", list_schema },
	{ "Check", "Whether a file is reserved", check_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_reservations = {
	"reservations", "Files that sessions are about to change", operations, schemas
};
