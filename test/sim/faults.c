/*
 * What befalls computers (sim.h): disks that are lost or come back from a
 * backup, two machines with one number, joining and leaving, clocks that run
 * wrong; and a remote that is restored from a backup.
 */
#include "sim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "memory_git.h"
#include "trine/file.h"
#include "trine/join.h"
#include "trine/mem.h"

enum { SILENT = 2 * 1800 + 300 };	/* so long after a status its computer is there */

/* --- folders --- */

static void copy_file(struct world *w, const char *from, const char *to,
		      const struct stat *info)
{
	struct timespec times[2] = { info->st_atim, info->st_mtim };
	struct error err = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, info->st_mode & 0777);

	if (fd == -1 ||
	    file_read(from, SIZE_MAX / 2, &bytes, NULL, &err) == -1 ||
	    write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len)
		broken(w, "the world cannot copy %s: %s", from, err.text);
	if (fd != -1) {
		futimens(fd, times);
		close(fd);
	}
	buf_release(&bytes);
}

/* As `cp -a`; links and sockets are left out. */
static void copy_folder(struct world *w, const char *from, const char *to)
{
	struct list names = LIST_INIT;
	struct error err = ERROR_INIT;
	struct stat info;

	if (lstat(from, &info) == -1)
		return;
	if (S_ISREG(info.st_mode)) {
		copy_file(w, from, to, &info);
	} else if (S_ISDIR(info.st_mode)) {
		mkdir(to, info.st_mode & 0777);
		file_list(from, &names, &err);
		for (size_t i = 0; i < names.count; i++) {
			char *a = xasprintf("%s/%s", from, names.item[i]);
			char *b = xasprintf("%s/%s", to, names.item[i]);

			copy_folder(w, a, b);
			free(a);
			free(b);
		}
		list_release(&names);
	}
}

static void copy_machine(struct world *w, const char *from, const char *to)
{
	char *old = xasprintf("%s/.trine/repo.git", from);
	char *new = xasprintf("%s/.trine/repo.git", to);
	struct error ignored = ERROR_INIT;

	file_remove_tree(to, &ignored);
	copy_folder(w, from, to);
	memory_git_copy(old, new);
	free(new);
	free(old);
}

/* --- disks --- */

/* It, or another text that had its number: an answer names no more than that. */
static bool is_answered(const struct world *w, const struct machine *m,
			const struct token *t)
{
	bool answered = (t->answered & 1U << m->number) != 0;

	for (size_t i = 0; i < w->token_count && !answered; i++)
		answered = t->id[0] != '\0' && strcmp(w->token[i].id, t->id) == 0 &&
			   (w->token[i].answered & 1U << m->number) != 0;
	return answered;
}

/* It was answered, or is older than what comes back (R29), by whichever clock. */
static bool is_over(const struct world *w, const struct machine *m, const struct token *t)
{
	enum { LATELY = 20 * DAY };

	return is_answered(w, m, t) || w->time - t->when > LATELY;
}

/* Its disk is still the one on which it was said. */
static bool is_known_to_writer(const struct world *w, const struct token *t)
{
	return t->machine >= 0 && w->machine[t->machine].alive &&
	       w->machine[t->machine].clones == t->clone;
}

/* What people wrote is on the branch or nowhere; a new disk gets what is there, and one
 * of a backup what came since, or comes when its writer puts it back. Where for a new one
 * that is for all begins, its first own commit on the branch says: that may be another
 * one since the branch went back. */
static bool comes_back(struct world *w, const struct machine *m, const struct token *t,
		       bool new)
{
	bool by_trine = t->how == SAID_SENT && !w->retired[t->from];

	if (new && t->to == 0 && w->was_rewound)
		return false;
	return !is_over(w, m, t) && ((by_trine && !new && is_known_to_writer(w, t)) ||
	       ((by_trine || t->how == SAID_BY_HAND) && check_on_branch(w->check, t->text)));
}

/* What M had received it gets again, once, or may find no more. */
static void received_before(struct world *w, const struct machine *m, enum excuse why)
{
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (t->to != m->number && t->to != 0)
			continue;
		if (t->how == SAID_KEPT || t->how == SAID_BACK || t->maybe ||
		    comes_back(w, m, t, why != EXCUSE_BACKUP))
			continue;
		excuse_reader(w, t, m->number, why);
	}
}

static int look_into(struct world *w, struct machine *m, int number, bool takeover,
		     const char *repo, struct join_plan *plan, struct error *err)
{
	memory_git_share(w->hub_path, repo);
	return join_look(w->hub_path, "main", "coordination", number, takeover, repo,
			 &m->clock.clock, plan, err);
}

/* What `trine init` does first: is NUMBER free? */
static int look_at_fleet(struct world *w, struct machine *m, int number,
			 bool takeover, struct join_plan *plan, struct error *err)
{
	char *repo = xasprintf("%s.look", m->dir);
	struct error ignored = ERROR_INIT;
	int rc = look_into(w, m, number, takeover, repo, plan, err);

	memory_git_remove(repo);
	file_remove_tree(repo, &ignored);
	free(repo);
	return rc;
}

/* What it looked at stays in the repository of the new computer. */
static void keep_look(struct world *w, struct machine *m)
{
	char *repo = xasprintf("%s/.trine/repo.git", m->dir);
	struct error err = ERROR_INIT;
	struct join_plan plan = { 0 };

	if (w->broken == NULL &&
	    look_into(w, m, m->number, true, repo, &plan, &err) == -1)
		broken(w, "init of computer %d: %s", m->number, err.text);
	join_plan_release(&plan);
	free(repo);
}

/* Set up on a branch that others may use: `trine init`. */
static void join_fleet(struct world *w, struct machine *m, bool takeover)
{
	struct join_plan plan = { 0 };
	struct error err = ERROR_INIT;
	struct oid tip = branch_tip(w);

	if (look_at_fleet(w, m, m->number, takeover, &plan, &err) == -1)
		broken(w, "init of computer %d: %s", m->number, err.text);
	else
		machine_set_up(m, w, takeover || plan.returning ? "takeover" :
			       "init", plan.tip.hex[0] ? plan.tip.hex : "-");
	join_plan_release(&plan);
	check_started(w->check, m->number, tip.hex[0] != '\0' ? tip.hex : "-");
	keep_look(w, m);
}

static void lose(struct world *w, struct machine *m)
{
	int number = m->number, index = m->index;
	struct machine_clock clock = m->clock;
	/* what the branch has forgotten meanwhile is of a life that nobody tells it of */
	bool doubtful = m->squashed || m->doubtful;

	tell(w, "computer %d loses its disk and is set up again", number);
	unsure(w, m, 0, 0, EXCUSE_DISK);
	received_before(w, m, EXCUSE_DISK);
	machine_end(m);
	m = &w->machine[index];
	*m = (struct machine){ .index = index, .number = number, .twin = -1,
			       .alive = true, .clones = m->clones + 1,
			       .clock = clock, .doubtful = doubtful };
	buf_init(&m->buffer);
	snprintf(m->dir, sizeof(m->dir), "%s/%d", w->root, index);
	join_fleet(w, m, true);
}

static void lose_disk(struct world *w)
{
	struct machine *m = any_machine(w);

	if (m->twin < 0)
		lose(w, m);
}

static char *backup_of(const struct machine *m)
{
	return xasprintf("%s.backup", m->dir);
}

static void back_up(struct world *w, struct machine *m)
{
	char *backup = backup_of(m);

	tell(w, "computer %d is backed up", m->number);
	machine_close(m);
	copy_machine(w, m->dir, backup);
	machine_open(w, m);
	m->backup = true;
	m->backup_tokens = w->token_count;
	free(backup);
}

static void back_up_disk(struct world *w)
{
	struct machine *m = any_machine(w);

	if (m->twin < 0 && m->joined)
		back_up(w, m);
}

static void come_back(struct world *w, struct machine *m)
{
	char *backup = backup_of(m);

	tell(w, "computer %d comes back from its backup", m->number);
	machine_close(m);
	machine_boot(w, m);
	copy_machine(w, backup, m->dir);
	unsure(w, m, m->backup_tokens, m->backup_tokens, EXCUSE_BACKUP);
	received_before(w, m, EXCUSE_BACKUP);
	machine_open(w, m);
	claims_come_back(w, m);
	check_restored(w->check, m->number);
	note_waiting(w, m);
	m->open[0] = '\0';
	m->dirty = true;
	m->joined = false;
	m->doubtful = true;
	m->clones++;
	if (w->was_rewound)
		forget_typed(w);
	free(backup);
}

static void restore_disk(struct world *w)
{
	struct machine *m = any_machine(w);

	if (m->backup && m->twin < 0)
		come_back(w, m);
}

void back_up_remote(struct world *w)
{
	char *backup = xasprintf("%s.backup", w->hub_path);
	struct error ignored = ERROR_INIT;

	tell(w, "the remote is backed up");
	if (w->tier == TIER_FILES) {
		file_remove_tree(backup, &ignored);
		copy_folder(w, w->hub_path, backup);
	}
	memory_git_copy(w->hub_path, backup);
	w->hub_backup = true;
	free(backup);
}

/* What the remote is about to lose, the checker reads in a place of its own. */
static void keep_for_checker(struct world *w, const char *lost)
{
	char *objects = xasprintf("%s/objects", lost);
	struct error err = ERROR_INIT;
	git_odb *odb = NULL;

	if (file_mkdir(objects, 0700, &err) == -1 ||
	    git_repository_odb(&odb, w->ever) < 0 ||
	    git_odb_add_disk_alternate(odb, objects) < 0)
		broken(w, "the world cannot keep what the remote loses");
	git_odb_free(odb);
	free(objects);
}

static void change_places(struct world *w, const char *backup, const char *lost)
{
	git_repository_free(w->hub);
	w->hub = NULL;
	if (w->tier == TIER_FILES) {
		rename(w->hub_path, lost);
		copy_folder(w, backup, w->hub_path);
	} else {
		memory_git_copy(w->hub_path, lost);
		memory_git_restore(backup, w->hub_path);
	}
	if (git_repository_open_bare(&w->hub, w->hub_path) < 0)
		broken(w, "the world cannot open the remote that came back");
}

void restore_remote(struct world *w)
{
	char *backup, *lost;

	if (!w->hub_backup)
		return;
	tell(w, "the remote comes back from its backup");
	backup = xasprintf("%s.backup", w->hub_path);
	lost = xasprintf("%s.lost.%u", w->hub_path, ++w->hubs_lost);
	change_places(w, backup, lost);
	keep_for_checker(w, lost);
	branch_rewound(w);
	free(lost);
	free(backup);
}

/* A disk and the remote come back from the night before, or the disk is lost, and
 * what was said by day is unknown to both; a reader has it, and a receipt for the
 * number it had (R7, R29). */
static void both_back(struct world *w)
{
	struct machine *m = any_machine(w), *reader = another_machine(w, m);
	int to = reader == NULL || one_in(w, 2) ? 0 : reader->number;
	bool lost = one_in(w, 2);
	struct oid then;

	if (reader == NULL || m->twin >= 0 || reader->twin >= 0 || !m->joined ||
	    m->stopped || reader->stopped || !reader->joined)
		return;
	sync_plainly(w, m);
	then = branch_tip(w);
	back_up(w, m);
	send_to(w, m, to);
	sync_plainly(w, m);
	sync_plainly(w, reader);
	if (w->broken != NULL || then.hex[0] == '\0')
		return;
	set_branch(w, &then);
	if (lost || one_in(w, 2))	/* its receipt is there first */
		sync_plainly(w, reader);
	if (lost)
		lose(w, m);
	else
		come_back(w, m);
	send_to(w, m, to);
	sync_plainly(w, m);
	sync_plainly(w, reader);
}

/* Work that nobody has seen is there for a new disk, and its push does not get through:
 * another machine may be that computer (R29). */
static void lose_with_work(struct world *w)
{
	struct machine *m = any_machine(w), *from = another_machine(w, m);

	if (from == NULL || m->twin >= 0)
		return;
	send_named(w, from, m->number, "w");
	sync_plainly(w, from);
	lose(w, m);
	tell(w, "sync %d, the remote is: refuses", m->number);
	run_cycle(w, m, &(struct cycle_plan){ .fault = REMOTE_REFUSES });
	sync_plainly(w, m);
}

/* --- two machines with one number --- */

static void note_copied(struct world *w, const struct machine *m)
{
	for (size_t i = 0; i < w->token_count; i++)
		if (w->token[i].machine == m->index &&
		    w->token[i].how == SAID_SENT &&
		    !check_on_branch(w->check, w->token[i].text))
			w->token[i].copied = true;
}

/* NULL: not now. */
static struct machine *twin_of(struct world *w, struct machine *m)
{
	struct machine *twin;

	if (m->twin >= 0 || !m->joined)
		return NULL;
	twin = machine_new(w, m->number);
	if (twin == NULL)
		return NULL;
	tell(w, "computer %d is copied: two machines are it now", m->number);
	machine_close(m);
	copy_machine(w, m->dir, twin->dir);
	machine_open(w, m);
	twin->clock.skew = m->clock.skew;
	machine_open(w, twin);
	twin->joined = true;
	m->twin = twin->index;
	twin->twin = m->index;
	m->doubtful = twin->doubtful = true;
	m->open[0] = '\0';
	twin->dirty = m->dirty;
	twin->written = m->written;
	/* messages on one disk that are not pushed are now on two */
	note_copied(w, m);
	note_waiting(w, m);
	m->copied_tokens = twin->copied_tokens = w->token_count;
	unsure(w, m, 0, m->copied_tokens, EXCUSE_TWIN);
	check_twins(w->check, m->number, true);
	return twin;
}

static void double_machine(struct world *w)
{
	twin_of(w, any_machine(w));
}

/* Both go on as if they were alone, until one has seen the other (R27). */
static void double_seen(struct world *w)
{
	struct machine *m = any_machine(w), *twin;
	int to = another_number(w, m->number);

	if (m->stopped || to == 0)
		return;
	twin = twin_of(w, m);
	for (int i = 0; twin != NULL && i < 2; i++) {
		send_to(w, m, to);
		sync_plainly(w, m);
		send_to(w, twin, to);
		sync_plainly(w, twin);
	}
	if (twin != NULL)
		expect(w, ASKED_R27, m->stopped || twin->stopped, "two machines are "
		       "computer %d, and neither has seen the other", m->number);
}

/* One is switched off for good; what it has not pushed is gone. */
static void end_twin(struct world *w, struct machine *stays,
		     struct machine *goes)
{
	struct error err = ERROR_INIT;

	tell(w, "of the two machines that are computer %d, one stays (%d)",
	     stays->number, stays->index);
	unsure(w, goes, 0, goes->copied_tokens, EXCUSE_TWIN);
	unsure(w, stays, 0, stays->copied_tokens, EXCUSE_TWIN);
	received_before(w, stays, EXCUSE_TWIN);
	late_pushes_end(w, goes);
	machine_end(goes);
	stays->twin = -1;
	check_computer(w->check, stays->number, stays->dir);
	check_twins(w->check, stays->number, false);
	if (stays->home != NULL &&
	    home_take_over(stays->home, &w->chance, &err) == -1)
		broken(w, "takeover of computer %d: %s", stays->number, err.text);
	stays->clones++;
	/* what the other one said the branch may have forgotten, and have again */
	stays->doubtful = true;
	stays->joined = false;
	stays->cut_short = true;
}

void twins_end(struct world *w)
{
	for (int i = 0; i < w->machines; i++) {
		struct machine *m = &w->machine[i];

		if (!m->alive || m->twin < i)
			continue;
		if (one_in(w, 2))
			end_twin(w, m, &w->machine[m->twin]);
		else
			end_twin(w, &w->machine[m->twin], m);
	}
}

/* --- joining and leaving --- */

/* What was said to all right before is not for who joins (R31). */
static void join(struct world *w)
{
	struct machine *m = any_machine(w);

	if (w->numbers == NUMBERS || branch_tip(w).hex[0] == '\0')
		return;
	if (one_in(w, 2) && m->twin < 0 && !m->stopped) {
		send_to(w, m, 0);
		sync_plainly(w, m);
	}
	if (w->broken != NULL || branch_tip(w).hex[0] == '\0')
		return;
	m = machine_new(w, w->numbers + 1);
	if (m == NULL)
		return;
	w->numbers++;
	tell(w, "computer %d joins", m->number);
	join_fleet(w, m, false);
}

/* When the status of computer N on the branch was written, by the last version that a
 * person did not spoil; -1: there is none. */
static int64_t status_time(struct world *w, int n)
{
	static const char line[] = "\nupdated: ";
	struct buf text = BUF_INIT;
	struct tm when = { 0 };
	int64_t out = -1;
	char path[32];

	snprintf(path, sizeof(path), "COMPUTER_%d.md", n);
	if (branch_read_last(w, path, line, &text) &&
	    strptime(strstr(text.data, line) + strlen(line), "%Y-%m-%dT%H:%M:%SZ",
		     &when) != NULL)
		out = (int64_t)timegm(&when);
	buf_release(&text);
	return out;
}

/* Does computer N have anything on the branch? */
static bool has_files(struct world *w, int n)
{
	struct list files = LIST_INIT;
	bool found = false;
	int from;

	branch_list(w, &files);
	for (size_t i = 0; i < files.count && !found; i++)
		found = (sscanf(files.item[i], "COMPUTER_%d.md", &from) == 1 ||
			 sscanf(files.item[i], "messages/%d_TO_", &from) == 1 ||
			 sscanf(files.item[i], "archive/%d_TO_", &from) == 1) &&
			from == n;
	list_release(&files);
	return found;
}

/* Somebody sets up another machine, by the clock of one that is there: a number whose
 * computer was heard of lately it gets by no means, and without asking for one, none
 * that anybody has or had (R30). */
static void take_number(struct world *w)
{
	struct machine *m = any_machine(w);
	int number = one_in(w, 3) ? 0 : another_number(w, 0);
	int64_t updated = status_time(w, number);
	int64_t age = machine_now(m) - updated;
	bool taken = updated != -1 && age < SILENT;
	struct join_plan plan = { 0 };
	struct error err = ERROR_INIT;

	if (branch_tip(w).hex[0] == '\0')
		return;
	if (look_at_fleet(w, m, number, false, &plan, &err) == -1 &&
	    err.code != ERR_REFUSED)
		broken(w, "init of another machine: %s", err.text);
	tell(w, "another machine wants number %d: %s", number,
	     err.code == ERR_NONE ? "it may" : err.text);
	if (number != 0)
		expect(w, ASKED_R30, taken == (err.code == ERR_REFUSED), "computer %d "
		       "was heard of %lld s ago, and another machine may %shave its "
		       "number", number, (long long)age, taken ? "" : "not ");
	else
		expect(w, ASKED_R30, !has_files(w, plan.number), "another machine would "
		       "be computer %d, whose files are there", plan.number);
	join_plan_release(&plan);
}

/* It says nothing more; what others wrote into its streams is mail by hand from
 * now on, and may be read. */
static void forget_writer(struct world *w, int number, bool squashed)
{
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (t->in_from == number && t->how == SAID_KEPT) {
			t->how = SAID_BY_HAND;
			t->from = number;
			t->to = t->in_to;
		} else if (t->from != number) {
			continue;
		} else if (t->how == SAID_SENT && !squashed &&
			   check_on_branch(w->check, t->text)) {
			continue;	/* its own commit brings it */
		}
		excuse(w, t, EXCUSE_LEFT);
	}
}

static void leave(struct world *w)
{
	struct machine *m = any_machine(w), *other = another_machine(w, m);
	struct error err = ERROR_INIT;
	struct buf old = BUF_INIT, new = BUF_INIT;
	int left = 0;

	for (int n = 1; n <= w->numbers; n++)
		left += !w->retired[n];
	if (left <= 3 || m->twin >= 0 || other == NULL || other->twin >= 0 ||
	    m->number == 1)
		return;
	desk_get(other, "fleet.yaml", &old);
	if (fleet_retire(span_of(&old), m->number, &new, &err) == 0) {
		tell(w, "computer %d is retired, on %d", m->number,
		     other->number);
		desk_put(w, other, "fleet.yaml", span_of(&new), true);
		w->retired[m->number] = true;
		check_gone(w->check, m->number);
		unsure(w, m, 0, 0, EXCUSE_LEFT);
		forget_writer(w, m->number, m->squashed);
		machine_end(m);
	}
	buf_release(&old);
	buf_release(&new);
}

/* --- clocks --- */

static void turn_clock(struct world *w)
{
	static const int64_t turns[] = { 0, 3 * DAY, -3 * DAY, 3600, -3600, 40,
					 -40, 0 };
	struct machine *m = any_machine(w);
	int how = any_below(w, ARRAY_LEN(turns));

	if (how == 0) {
		m->clock.stopped = machine_now(m);
		tell(w, "the clock of computer %d stops", m->number);
		return;
	}
	m->clock.stopped = 0;
	m->clock.skew = turns[how];
	tell(w, "the clock of computer %d is %lld s off", m->number,
	     (long long)m->clock.skew);
}

const struct act_kind fault_acts[] = {
	{ "lose-disk", 1, lose_disk },
	{ "lose-with-work", 2, lose_with_work },
	{ "back-up", 2, back_up_disk },
	{ "restore", 2, restore_disk },
	{ "back-up-remote", 1, back_up_remote },
	{ "restore-remote", 1, restore_remote },
	{ "both-back", 2, both_back },
	{ "double", 1, double_machine },
	{ "double-seen", 1, double_seen },
	{ "twins-end", 2, twins_end },
	{ "join", 2, join },
	{ "leave", 1, leave },
	{ "take-number", 1, take_number },
	{ "clock", 3, turn_clock },
	{ "rest", 0, come_to_rest },
	{ NULL, 0, NULL }
};
