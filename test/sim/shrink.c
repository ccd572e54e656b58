/*
 * Smaller runs that break the same (shrink.h): in memory instead of on files,
 * with fewer computers, with fewer acts. A run follows from its script, so what
 * is left of it after each step is known to break; nothing else is believed.
 */
#include "shrink.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "mutants.h"
#include "trine/mem.h"

enum {
	FEWEST = 2,		/* computers */
	ATTEMPTS = 3,		/* to break the same at all */
	CHANCES = 100,		/* to do so with other chances */
	SHARE = 8,		/* of the time, one of so many for these */
	HANGS = 600,		/* seconds, at most */
	NAME = 48		/* bytes of a finding in the name of a file */
};

struct search {
	struct run run;		/* what is known to break, with .script, */
	struct script script;
	struct outcome out;	/* and how */
	unsigned runs;
	int64_t began, end;	/* ms */
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_over(const struct search *s)
{
	return interrupted || now_ms() >= s->end;
}

/* --- steps --- */

/* If RUN with the acts LESS breaks the same, S goes on with that, without what
 * came behind the break. LESS is taken over. */
static bool step(struct search *s, struct run run, struct script *less)
{
	struct outcome out;

	if (is_over(s)) {
		script_release(less);
		return false;
	}
	run.script = less;
	run_apart(&run, &out);
	s->runs++;
	if (!finding_same(out.broken, s->out.broken)) {
		script_release(less);
		return false;
	}
	script_release(&s->script);
	s->script = *less;
	if (s->script.count > out.acts)
		s->script.count = out.acts;
	s->run = run;
	s->run.script = &s->script;
	s->out = out;
	return true;
}

static struct script copy_of(const struct script *script, size_t count)
{
	struct script copy = { 0 };

	script_copy(&copy, script, 0, count);
	return copy;
}

/* The same acts, other computers or another tier. */
static bool step_with(struct search *s, int computers, enum tier tier)
{
	struct script same = copy_of(&s->script, s->script.count);
	struct run run = s->run;

	run.computers = computers;
	run.tier = tier;
	return step(s, run, &same);
}

/* So long takes what came before what hangs. */
static void measure(struct search *s)
{
	struct script less = copy_of(&s->script, s->script.count -
				     (s->script.count > 0));
	struct run run = s->run;
	struct outcome out;
	int64_t before = now_ms();

	run.script = &less;
	run_apart(&run, &out);
	s->run.seconds = 10 + (unsigned)((now_ms() - before) / 1000 * 3);
	script_release(&less);
}

static bool breaks_again(struct search *s)
{
	bool hangs = strcmp(s->out.broken, "it hangs") == 0;

	if (hangs)
		measure(s);
	for (int i = 0; i < ATTEMPTS; i++) {
		int64_t before = now_ms();

		if (!step_with(s, s->run.computers, s->run.tier))
			continue;
		if (!hangs)
			s->run.seconds = 10 +
				(unsigned)((now_ms() - before) / 1000 * 3);
		return true;
	}
	return false;
}

/* All pieces of that length that can be left out are. True: there were some. */
static bool leave_out(struct search *s, size_t piece)
{
	size_t at = 0, before = s->script.count;

	while (at < s->script.count && !is_over(s)) {
		struct script less = copy_of(&s->script, at);

		script_copy(&less, &s->script, at + piece, s->script.count);
		if (!step(s, s->run, &less))
			at += piece;
	}
	return s->script.count < before;
}

/* Large pieces first (Zeller and Hildebrandt, Simplifying and isolating
 * failure-inducing input, 2002), then single ones until each is needed. */
static void fewer_acts(struct search *s)
{
	size_t piece = (s->script.count + 1) / 2;

	while (piece > 0 && !is_over(s)) {
		bool again = leave_out(s, piece) && piece == 1;

		fprintf(stderr, "# %zu acts\n", s->script.count);
		if (!again)
			piece /= 2;
	}
}

static bool fewer_computers(struct search *s)
{
	for (int n = FEWEST; n < s->run.computers && !is_over(s); n++)
		if (step_with(s, n, s->run.tier))
			return true;
	return false;
}

/* Among fewer computers the same chance means another one of them: the acts stay
 * as they are but for that. */
static bool other_chances(struct search *s)
{
	int64_t share = (s->end - s->began) / SHARE;
	struct chance chance;

	chance_seeded(&chance, s->run.seed);
	for (int n = FEWEST; n < s->run.computers; n++) {
		int64_t end = now_ms() + share;
		struct run run = s->run;

		run.computers = n;
		for (int i = 0; i < CHANCES && now_ms() < end; i++) {
			struct script other = copy_of(&s->script,
						      s->script.count);

			for (size_t a = 0; a < other.count; a++)
				if (chance_below(&chance, 2) == 0)
					other.act[a].seed =
						chance.next(&chance) & 0xffffffff;
			if (step(s, run, &other))
				return true;
		}
	}
	return false;
}

static void make_smaller(struct search *s)
{
	if (s->run.tier == TIER_FILES)
		step_with(s, s->run.computers, TIER_MEMORY);
	fewer_acts(s);
	if (fewer_computers(s) || other_chances(s))
		fewer_acts(s);
}

/* --- what is left --- */

/* "once: computer 3: …" on files: once-seed-7-on-files. */
static char *name_of(const struct search *s)
{
	struct buf name = BUF_INIT;
	struct span words;

	finding_name(s->out.broken, &words);
	for (size_t i = 0; i < words.len && i < NAME; i++) {
		bool blank = !isalnum((unsigned char)words.p[i]);

		if (!blank)
			buf_addc(&name, words.p[i]);
		else if (name.len > 0 && name.data[name.len - 1] != '-')
			buf_addc(&name, '-');
	}
	if (name.len > 0 && name.data[name.len - 1] != '-')
		buf_addc(&name, '-');
	buf_printf(&name, "seed-%" PRIu64 "%s", s->run.seed,
		   s->run.tier == TIER_FILES ? "-on-files" : "");
	return name.data;
}

/* NULL: it cannot be written. In a folder no file is replaced. */
static FILE *open_case(const struct search *s, const char *where, char **path)
{
	char *name = name_of(s);
	struct stat info;
	FILE *file = NULL;

	*path = xstrdup(where);
	if (stat(where, &info) == -1 || !S_ISDIR(info.st_mode))
		file = fopen(where, "w");
	else
		for (int n = 1; n == 1 || (file == NULL && errno == EEXIST); n++) {
			free(*path);
			*path = n == 1 ? xasprintf("%s/%s", where, name) :
				xasprintf("%s/%s-%d", where, name, n);
			file = fopen(*path, "wx");
		}
	if (file == NULL)
		perror(*path);
	free(name);
	return file;
}

static void describe(const struct search *s, const struct run *whole,
		     size_t acts, struct buf *out)
{
	buf_printf(out, "%d of %d computers, %zu of %zu acts%s",
		   s->run.computers, whole->computers, s->script.count, acts,
		   s->run.tier != whole->tier ? ", in memory" : "");
}

static void print_left(const char *path)
{
	printf("  left as a test: %s\n  test/sim/t070-cases.sh runs those in "
	       "test/sim/cases; this one alone, with its story:\n"
	       "    %s%s%s --story %s\n"
	       "  next: mend it, give that file a name that says what was "
	       "wrong, and test/FINDINGS.md a row\n", path,
	       program_invocation_name, mutant != MUTANT_NONE ? " --mutant " : "",
	       mutant != MUTANT_NONE ? mutants[mutant].name : "", path);
}

static void leave(struct search *s, const struct run *whole, size_t acts,
		  const char *where)
{
	struct buf what = BUF_INIT;
	char *path;
	FILE *file = open_case(s, where, &path);

	if (file != NULL) {
		buf_printf(&what, "%s\n", s->out.broken);
		if (whole->script == NULL) {
			run_again(whole, &what);
			buf_addc(&what, '\n');
		}
		describe(s, whole, acts, &what);
		script_write(&s->script, s->run.seed, s->run.computers,
			     s->run.tier, span_of(&what), file);
		if (fclose(file) == 0)
			print_left(path);
		else
			perror(path);
	}
	buf_release(&what);
	free(path);
}

/* Once more, with what happened; and is it sure to break? */
static void tell_story(struct search *s)
{
	struct outcome out;

	s->run.story = STORY_END;
	run_apart(&s->run, &out);
	if (!finding_same(out.broken, s->out.broken))
		printf("  but not each time: something in it does not follow "
		       "from its seed\n");
}

static bool is_known(const char *finding)
{
	enum { KNOWN = 32 };
	static char known[KNOWN][sizeof(((struct outcome *)0)->broken)];
	static int count;

	for (int i = 0; i < count; i++)
		if (finding_same(known[i], finding))
			return true;
	if (count < KNOWN)
		snprintf(known[count++], sizeof(known[0]), "%s", finding);
	return false;
}

static void search(struct search *s, const struct run *whole, const char *where)
{
	struct buf size = BUF_INIT;
	size_t acts = s->script.count;

	if (!breaks_again(s)) {
		printf("  not made smaller: it did not break so again%s\n",
		       interrupted ? " before ^C" : "");
		return;
	}
	make_smaller(s);
	describe(s, whole, acts, &size);
	printf("  made smaller in %" PRId64 " s, by %u runs: %s%s\n",
	       (now_ms() - s->began) / 1000, s->runs, size.data,
	       is_over(s) ? "; more time might make it smaller still" : "");
	interrupted = 0;
	tell_story(s);
	leave(s, whole, acts, where);
	buf_release(&size);
}

void shrink(const struct run *run, const struct outcome *out, const char *where,
	    uint64_t seconds)
{
	struct search s = { .run = *run, .out = *out, .began = now_ms() };
	struct sigaction on_interrupt = { .sa_handler = interrupt,
					  .sa_flags = (int)SA_RESETHAND };
	struct sigaction before;
	struct script all = { 0 };

	if (is_known(out->broken)) {
		printf("  not made smaller: as one before\n");
		return;
	}
	s.end = s.began + (int64_t)seconds * 1000;
	s.run.seconds = run->cycles / 10 < HANGS - 120 ?
		120 + (unsigned)(run->cycles / 10) : HANGS;
	s.run.cycles = UINT32_MAX;	/* the acts are the end */
	s.run.story = STORY_NONE;
	s.run.keep = false;
	run_script_of(run, &all);
	s.script = copy_of(&all, out->acts);
	sigaction(SIGINT, &on_interrupt, &before);
	search(&s, run, where);
	sigaction(SIGINT, &before, NULL);
	interrupted = 0;
	fflush(stdout);
	script_release(&s.script);
	script_release(&all);
}
