/* Who owns which path (owner.h). Asked by the cycle for every path it meets,
 * and by `trine check` before an edit. */
#include "trine/owner.h"

static const struct owner shared = { OWNER_SHARED, 0 };

static struct owner by_rules(const char *path, const struct fleet *rules)
{
	for (size_t i = 0; rules != NULL && i < rules->rule_count; i++)
		if (path_glob(rules->rule[i].glob, path))
			return (struct owner){ OWNER_RULE, rules->rule[i].owner };
	return shared;
}

bool owner_built_in(struct owner owner, int computer)
{
	return owner.kind == OWNER_COMPUTER && owner.computer == computer;
}

bool owner_by_rule(struct owner owner, int computer)
{
	return owner.kind == OWNER_RULE && owner.computer == computer;
}

struct owner owner_of(const char *path, const struct fleet *rules)
{
	struct path_info info = path_classify(path);

	switch (info.kind) {
	case PATH_STATUS:
	case PATH_STREAM:
	case PATH_ARCHIVE:
		return (struct owner){ OWNER_COMPUTER, info.computer };
	case PATH_CONFLICT:
		return (struct owner){ OWNER_CONFLICTS, info.computer };
	case PATH_HUMAN:
	case PATH_FLEET:
		/* Built in as shared: whoever owned fleet.yaml by a rule in
		 * fleet.yaml could never be voted out again. */
		return shared;
	default:	/* PATH_OTHER */
		return by_rules(path, rules);
	}
}
