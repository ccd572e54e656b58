/*
 * The rules in force: fleet.yaml of the tip, or while that cannot be read the
 * newest readable version on the tip's first-parent history (R16), so that all
 * computers go by the same one whatever they have seen. Where that lies too far
 * back to be looked for, what this computer went by last counts (run/fleet.yaml):
 * better than none at all.
 */
#include "readable.h"
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "trine/file.h"

int fleet_read(struct cycle *c, const char *oid, struct fleet *out, struct error *why)
{
	struct buf bytes = BUF_INIT;
	int rc = repo_blob_read(c->repo, oid, LIMIT_FLEET, &bytes, why);

	*out = (struct fleet)FLEET_INIT;
	if (rc == 0)
		rc = fleet_parse(span_of(&bytes), out, why);
	if (rc == -1)
		fleet_release(out);
	buf_release(&bytes);
	return rc;
}

static int take_rules(void *out, struct span bytes, struct error *why)
{
	return fleet_parse(bytes, out, why);
}

static int find_rules(struct cycle *c, const char *commit, struct fleet *out,
		      struct readable *found, struct error *err)
{
	*found = (struct readable){ .repo = c->repo, .prefix = cycle_prefix(c),
				    .path = "fleet.yaml", .limit = LIMIT_FLEET,
				    .read = take_rules, .out = out };
	return readable_find(found, commit, err);
}

/* What fleet_leave has left in an earlier cycle. */
static void take_kept(struct cycle *c)
{
	char *path = home_path(c->home, "run/fleet.yaml");
	struct error absent = ERROR_INIT;
	struct buf bytes = BUF_INIT;

	c->fleet_kept = file_read(path, LIMIT_FLEET, &bytes, NULL, &absent) == 0 &&
			bytes.len > 0 &&
			fleet_parse(span_of(&bytes), &c->fleet, &absent) == 0;
	buf_release(&bytes);
	free(path);
}

/* The rules that the desk shows, with what this cycle merged; while those
 * cannot be read, the ones in force. *LEAVE: what is left there already is. */
static int choose_rules(struct cycle *c, struct buf *out, bool *leave,
			struct error *err)
{
	struct fleet rules = FLEET_INIT;
	struct error bad = ERROR_INIT;
	struct oid oid = { "" };
	bool is_tree, good = false;

	if (c->head.hex[0] != '\0' &&
	    repo_lookup(c->repo, c->head.hex, cycle_prefix(c), "fleet.yaml",
			&oid, &is_tree, err) == -1)
		return -1;
	if (oid.hex[0] != '\0')
		good = repo_blob_read(c->repo, oid.hex, LIMIT_FLEET, out,
				      &bad) == 0 &&
		       fleet_parse(span_of(out), &rules, &bad) == 0;
	fleet_release(&rules);
	*leave = !good && c->fleet_kept;
	if (good || c->fleet_oid[0] == '\0')
		return 0;
	buf_reset(out);
	return repo_blob_read(c->repo, c->fleet_oid, LIMIT_FLEET, out, err);
}

/* Where the branch was then. It need not last: an older one asks for more (R23). */
static int leave_at(struct cycle *c, struct error *err)
{
	char *path = home_path(c->home, "run/fleet.at");
	int rc = strcmp(c->old_fleet_at, c->head.hex) == 0
		? 0 : file_put(path, span_str(c->head.hex), 0600, err);

	free(path);
	return rc;
}

int fleet_left_at(struct cycle *c, char out[OID_HEX], struct error *err)
{
	char *path = home_path(c->home, "run/fleet.at");
	struct error absent = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	int rc = file_read(path, OID_HEX, &bytes, NULL, &absent);

	if (rc == -1 && absent.code == ERR_IO)
		*err = absent;
	else
		rc = 0;
	out[0] = '\0';
	if (bytes.len == OID_HEX - 1)
		memcpy(out, bytes.data, OID_HEX);
	buf_release(&bytes);
	free(path);
	return rc;
}

int fleet_leave(struct cycle *c, struct error *err)
{
	char *path = home_path(c->home, "run/fleet.yaml");
	struct buf bytes = BUF_INIT, there = BUF_INIT;
	struct error absent = ERROR_INIT;
	bool leave;
	int rc = choose_rules(c, &bytes, &leave, err);

	if (rc == 0 && !leave && (file_read(path, LIMIT_FLEET, &there, NULL,
				 &absent) == -1 ||
	    !span_equal(span_of(&there), span_of(&bytes))))
		rc = file_write(path, span_of(&bytes), 0600, err);
	if (rc == 0)
		rc = leave_at(c, err);
	buf_release(&bytes);
	buf_release(&there);
	free(path);
	return rc;
}

static int report_rules(struct cycle *c, const struct readable *rules,
			struct error *err)
{
	struct error text = ERROR_INIT;
	int rc;

	if (cycle_begin(c, err) == -1)
		return -1;
	if (rules->why.code == ERR_NONE) {
		rc = record_problem_over(c->store, "fleet-yaml", "tip", err);
	} else {
		error_set(&text, ERR_DATA, "fleet.yaml of the branch cannot be "
			  "read (%.300s); %s", rules->why.text, rules->found ?
			  "the last good one stays in force" : c->fleet_kept ?
			  "the last good one that this computer has seen stays "
			  "in force" : "no rules are in force");
		rc = record_problem(c->store, "fleet-yaml", "tip", text.text,
				    err);
	}
	return rc == -1 ? -1 : cycle_end(c, err);
}

int fleet_in_force(struct cycle *c, struct error *err)
{
	struct readable rules;

	fleet_release(&c->fleet);
	c->fleet_oid[0] = '\0';
	c->fleet_kept = false;
	if (find_rules(c, c->tip.hex, &c->fleet, &rules, err) == -1)
		return -1;
	if (rules.found)
		memcpy(c->fleet_oid, rules.oid.hex, sizeof(c->fleet_oid));
	if (rules.cut)
		take_kept(c);
	return report_rules(c, &rules, err);
}

int fleet_at(struct cycle *c, const char *commit, struct fleet *out, struct error *err)
{
	struct readable rules;

	return find_rules(c, commit, out, &rules, err);
}
