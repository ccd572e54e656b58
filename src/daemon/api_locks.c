/* The API of locks (api.h): what `trine lock` does on this computer. */
#include "api.h"
#include "trine/claims.h"
#include "trine/locks.h"
#include "trine/objects.h"

static int run_list(struct call *c, json_t **out, struct error *err)
{
	struct claim_list claims = { 0 };
	struct lock_list l;
	json_t *list;

	if (session_sweep_now(c->home, err) == -1 ||
	    view_locks(c->home->store, &l, err) == -1)
		return -1;
	if (claims_list(c->home, &claims, err) == -1) {
		lock_list_release(&l);
		return -1;
	}
	list = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(list, lock_to_json(c->home, &l.item[i]));
	for (size_t i = 0; i < claims.count; i++)
		if (claim_task(claims.item[i].name) == NULL)
			json_array_append_new(list, fleet_lock_to_json(
				claims.item[i].name, &claims.item[i].is));
	lock_list_release(&l);
	claim_list_release(&claims);
	*out = api_list("locks", list);
	return 0;
}

static int give(struct call *c, struct lock *l, json_t **out)
{
	*out = lock_to_json(c->home, l);
	lock_forget(l);
	return 0;
}

/* ---- in the whole fleet ---- */

static int fleet_name(struct call *c, char out[CLAIM_NAME], struct error *err)
{
	return claims_name(out, "lock", call_text(c, "name"), err);
}

static int acquire_in_fleet(struct call *c, json_t **out, struct error *err)
{
	struct claim_wish wish = { .session = c->by, .lease = call_long(c, "ttl"),
				   .anew = true };
	struct error ignored = ERROR_INIT;
	struct claim_standing now = { 0 };
	char name[CLAIM_NAME];
	int rc;

	if (fleet_name(c, name, err) == -1)
		return -1;
	wish.name = name;
	rc = fleet_get(c, &wish, &now, err);
	if (rc == 0)
		*out = fleet_lock_to_json(name, &now);
	else if (rc == -1 && err->code == ERR_NO && now.state == CLAIM_ELSEWHERE)
		fleet_give_back(c, name, "another computer has it", &ignored);
	return rc;
}

/* A cycle renews it, as long as its session lives. */
static int renew_in_fleet(struct call *c, json_t **out, struct error *err)
{
	struct claim_standing now;
	char name[CLAIM_NAME];

	if (fleet_name(c, name, err) == -1 ||
	    claims_check(c->home, name, (uint64_t)call_number(c, "token", 0),
			 err) == -1 ||
	    claims_look(c->home, name, &now, err) == -1)
		return -1;
	*out = fleet_lock_to_json(name, &now);
	return 0;
}

static int release_in_fleet(struct call *c, json_t **out, struct error *err)
{
	char name[CLAIM_NAME];

	if (fleet_name(c, name, err) == -1 ||
	    claims_check(c->home, name, (uint64_t)call_number(c, "token", 0),
			 err) == -1 ||
	    fleet_give_back(c, name, "", err) == -1)
		return -1;
	*out = api_done();
	return 0;
}

static int break_in_fleet(struct call *c, const char *by, json_t **out,
			  struct error *err)
{
	char name[CLAIM_NAME];

	if (fleet_name(c, name, err) == -1 ||
	    claims_break(c->home, name, by, call_text(c, "reason"), err) == -1)
		return -1;
	fleet_ring(c);
	*out = api_done();
	return 0;
}

/* ---- here ---- */

static int run_acquire(struct call *c, json_t **out, struct error *err)
{
	struct lock_wish w = { .name = call_text(c, "name"),
			       .ttl = call_long(c, "ttl") };
	struct lock l;
	bool got;

	if (call_flag(c, "fleet"))
		return acquire_in_fleet(c, out, err);
	if (locks_try(c->home, c->by, &w, c->last, &l, &got, err) == -1)
		return -1;
	if (got)
		return give(c, &l, out);
	return c->last ? -1 : API_WAIT;
}

static int run_renew(struct call *c, json_t **out, struct error *err)
{
	struct lock l;

	if (call_flag(c, "fleet"))
		return renew_in_fleet(c, out, err);
	if (locks_renew(c->home, call_text(c, "name"),
			(uint64_t)call_number(c, "token", 0), &l, err) == -1)
		return -1;
	return give(c, &l, out);
}

static int run_release(struct call *c, json_t **out, struct error *err)
{
	if (call_flag(c, "fleet"))
		return release_in_fleet(c, out, err);
	if (locks_release(c->home, call_text(c, "name"),
			  (uint64_t)call_number(c, "token", 0), err) == -1)
		return -1;
	*out = api_done();
	return 0;
}

static int run_break(struct call *c, json_t **out, struct error *err)
{
	char who[SESSION_TEXT] = "a person";

	if (c->by != NULL)
		session_text(c->by, who);
	if (call_flag(c, "fleet"))
		return break_in_fleet(c, who, out, err);
	if (locks_break(c->home, call_text(c, "name"), who, call_text(c, "reason"),
			err) == -1)
		return -1;
	*out = api_done();
	return 0;
}

/* ---- as data ---- */

#define FLEET { "fleet", API_FLAG, false, "in the whole fleet, not on this computer alone", \
		NULL, 0, 0 }

static const struct api_field acquire_fields[] = {
	{ "wait", API_LONG, false, "wait so long for it, at most 5m", NULL, 0, 0 },
	{ "ttl", API_LONG, false, "how long it is to last (else 5m)", NULL, 0, 0 },
	FLEET,
	API_END
};

static const struct api_field token_fields[] = {
	{ "token", API_NUMBER, true, "that acquire gave", NULL, 1, 0 }, FLEET, API_END
};

static const struct api_field break_fields[] = {
	{ "reason", API_TEXT, true, "why: it is recorded", NULL, 0, 0 }, FLEET, API_END
};

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/locks", "lock_list", "Who holds which lock, and until when",
	  NULL, "LockList", 0, run_list, NULL },
	{ METHOD_POST, "/api/locks/{name}/acquire", "lock_acquire",
	  "Take a lock: 409, and who has it, if it is not free by then", acquire_fields,
	  "Lock", API_ACTIVE | API_SESSION | API_LOCK, run_acquire, NULL },
	{ METHOD_POST, "/api/locks/{name}/renew", "lock_renew", "Make it last longer",
	  token_fields, "Lock", API_ACTIVE, run_renew, NULL },
	{ METHOD_POST, "/api/locks/{name}/release", "lock_release", "Give it back",
	  token_fields, "Done", API_ACTIVE, run_release, NULL },
	{ METHOD_POST, "/api/locks/{name}/break", "lock_break",
	  "Take it away from whoever holds it: for emergencies", break_fields, "Done",
	  API_ACTIVE, run_break, NULL },
	{ .path = NULL }
};

static const struct api_field lock_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "name", API_TEXT, true, "its name", NULL, 0, 0 },
	{ "token", API_NUMBER, false, "fencing token: of a later holder it is higher",
	  NULL, 0, 0 },
	{ "holder", API_TEXT, false, "who has it", NULL, 0, 0 },
	{ "since", API_TIME, false, "since when", NULL, 0, 0 },
	{ "until", API_TIME, false, "the lease is over then", NULL, 0, 0 },
	{ "ttl_s", API_NUMBER, false, "seconds of the lease", NULL, 0, 0 },
	{ "task", API_TEXT, false, "the task that needs it", NULL, 0, 0 },
	{ "lasts", API_FLAG, false, "is it held?", NULL, 0, 0 },
	{ "fleet", API_FLAG, false, "in the whole fleet", NULL, 0, 0 },
	{ "state", API_TEXT, false, "of one in the whole fleet",
	  "free tentative held over elsewhere", 0, 0 },
	{ "computer", API_NUMBER, false, "that has it there", NULL, 0, 0 },
	{ "left_s", API_NUMBER, false, "seconds of its lease that are left", NULL, 0, 0 },
	API_END
};

static const struct api_field claim_schema[] = {
	{ "state", API_TEXT, true, "where it stands", "free tentative held over elsewhere",
	  0, 0 },
	{ "name", API_TEXT, false, "lock/NAME or task/ID", NULL, 0, 0 },
	{ "token", API_NUMBER, false, "fencing token", NULL, 0, 0 },
	{ "computer", API_NUMBER, false, "that has it", NULL, 0, 0 },
	{ "holder", API_TEXT, false, "who there", NULL, 0, 0 },
	{ "left_s", API_NUMBER, false, "seconds of its lease that are left", NULL, 0, 0 },
	API_END
};

static const struct api_field list_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "locks", API_OBJECTS, true, "of this computer, then of the fleet", "Lock", 0, 0 },
	API_END
};

static const struct api_schema schemas[] = {
	{ "Lock", "A lease by name", lock_schema },
	{ "LockList", "Locks", list_schema },
	{ "Claim", "What somebody has in the whole fleet", claim_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_locks = {
	"locks", "Leases by name, with a fencing token", operations, schemas
};
