/*
 * The simulator's command line (sim.h): many seeds or one, from chance or from a
 * script. What breaks is made smaller and left as a test, if PATH says where
 * (shrink.h).
 *
 *	sim [--seed S] [--seeds N] [--cycles C] [--tier T] [--computers K]
 *	    [--jobs J] [--mutant NAME] [--story] [--keep] [--covered]
 *	    [--shrink PATH] [--shrink-seconds N] [SCRIPT…]
 *	sim --mutants [NAME…]
 */
#include "mutants.h"
#include "runs.h"
#include "shrink.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "trine/text.h"

/* So many fleets in memory go through all there is, or the simulator has a hole. */
enum { JOBS_MOST = 16, FLEETS_FOR_ALL = 100 };

static struct {
	uint64_t seed, seeds, cycles, seconds, shrink_seconds;
	int computers, jobs, tier;
	bool story, mutants, keep, covered;
	const char *shrink;	/* NULL: what breaks is not made smaller */
} opt = { .seed = 1, .seeds = 1, .cycles = 2000, .jobs = 1, .tier = 1,
	  .shrink_seconds = 300 };

static struct timespec began;

/* --- many runs --- */

static struct outcome total;
static uint64_t failed;
static uint64_t left_out;	/* fleets */

static int computers_of(uint64_t seed)
{
	return opt.computers > 0 ? opt.computers : computers_by_seed(seed);
}

static void print_again(const struct run *run)
{
	struct buf how = BUF_INIT;

	run_again(run, &how);
	printf("  again: %s\n", how.data);
	buf_release(&how);
}

static void print_finding(const struct run *run, const struct outcome *o)
{
	printf("seed %" PRIu64 ", %d computers, act %zu, cycle %" PRIu64 ": %s\n",
	       run->seed, run->computers, o->acts, o->cycles, o->broken);
	if (run->script == NULL)
		print_again(run);
	fflush(stdout);
}

static void note(const struct run *run, const struct outcome *o)
{
	total.cycles += o->cycles;
	total.tokens += o->tokens;
	covered_add(&total.covered, &o->covered);
	if (o->most_rounds > total.most_rounds)
		total.most_rounds = o->most_rounds;
	if (o->broken[0] == '\0')
		return;
	failed++;
	print_finding(run, o);
	if (opt.shrink != NULL && opt.shrink_seconds > 0)
		shrink(run, o, opt.shrink, opt.shrink_seconds);
}

static struct run run_of(uint64_t seed)
{
	return (struct run){ .seed = seed, .cycles = opt.cycles,
			     .computers = computers_of(seed),
			     .tier = (enum tier)opt.tier, .keep = opt.keep,
			     .story = opt.story ? STORY_ALL : STORY_NONE };
}

/* No seed begins after so long; those that did not are said. */
static bool is_late(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return opt.seconds > 0 &&
	       (uint64_t)(now.tv_sec - began.tv_sec) >= opt.seconds;
}

static void run_seeds(void)
{
	struct job job[JOBS_MOST] = { 0 };
	uint64_t next = opt.seed, end = opt.seed + opt.seeds;
	int running = 0, status;

	while (next < end || running > 0) {
		pid_t pid;

		if (next > opt.seed && next < end && is_late()) {
			left_out = end - next;
			end = next;
		}
		if (next < end && running < opt.jobs) {
			struct run run = run_of(next++);
			int i = 0;

			while (job[i].pid != 0)
				i++;
			run_start(&job[i], &run);
			running++;
			continue;
		}
		pid = wait(&status);
		for (int i = 0; i < opt.jobs; i++)
			if (job[i].pid == pid) {
				struct run run = run_of(job[i].seed);
				struct outcome out;

				run_finish(&job[i], status, &out);
				note(&run, &out);
				running--;
			}
	}
}

static int run_script(const char *path)
{
	struct script script = { 0 };
	struct run run = run_of(1);
	struct outcome out;

	run.cycles = UINT32_MAX;
	run.computers = 3;
	run.tier = TIER_MEMORY;
	run.script = &script;

	if (script_read(&script, path, &run.seed, &run.computers,
			&run.tier) == -1)
		return -1;
	run.seconds = 120 + (unsigned)script.count;
	run_apart(&run, &out);
	if (out.broken[0] != '\0')
		printf("%s: ", path);
	note(&run, &out);
	script_release(&script);
	return 0;
}

static uint64_t number(const char *text)
{
	uint64_t value;

	if (!text_number(span_str(text), &value)) {
		fprintf(stderr, "sim: %s is no number\n", text);
		exit(64);
	}
	return value;
}

static void choose_mutant(const char *name)
{
	mutant = mutant_named(name);
	if (mutant != MUTANT_NONE)
		return;
	fprintf(stderr, "sim: no mutant is called %s; there are:\n", name);
	for (int i = 1; i < MUTANTS; i++)
		fprintf(stderr, "  %-24s %s: %s\n", mutants[i].name,
			mutants[i].rule, mutants[i].what);
	exit(64);
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", 1, NULL, 's' }, { "seeds", 1, NULL, 'n' },
		{ "cycles", 1, NULL, 'c' }, { "tier", 1, NULL, 't' },
		{ "computers", 1, NULL, 'k' }, { "jobs", 1, NULL, 'j' },
		{ "mutant", 1, NULL, 'm' }, { "mutants", 0, NULL, 'a' },
		{ "story", 0, NULL, 'v' }, { "keep", 0, NULL, 'd' },
		{ "covered", 0, NULL, 'r' }, { "shrink", 1, NULL, 'x' },
		{ "seconds", 1, NULL, 'w' },
		{ "shrink-seconds", 1, NULL, 'y' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 's': opt.seed = number(optarg); break;
		case 'n': opt.seeds = number(optarg); break;
		case 'c': opt.cycles = number(optarg); break;
		case 'w': opt.seconds = number(optarg); break;
		case 't': opt.tier = (int)number(optarg); break;
		case 'k': opt.computers = (int)number(optarg); break;
		case 'j': opt.jobs = (int)number(optarg); break;
		case 'm': choose_mutant(optarg); break;
		case 'a': opt.mutants = true; break;
		case 'd': opt.keep = true; break;
		case 'r': opt.covered = true; break;
		case 'v': opt.story = true; break;
		case 'x': opt.shrink = optarg; break;
		case 'y': opt.shrink_seconds = number(optarg); break;
		default: exit(64);
		}
	if (opt.jobs < 1 || opt.jobs > JOBS_MOST || opt.computers > NUMBERS ||
	    opt.tier < 1 || opt.tier > 2) {
		fprintf(stderr, "sim: a number is out of range\n");
		exit(64);
	}
}

/* --- is the checker any good? --- */

enum { MUTANT_CYCLES = 5000, FLEET_CYCLES = 500 };

struct caught {
	uint64_t cycles, fleets;	/* until it was; else in all */
	uint64_t died;			/* of them, of something else */
	bool is;
	struct outcome by;
};

/* How long that is by the clock of this machine says nothing of the mutant: a fleet
 * that hangs, or dies unseen, is not caught. */
static void catch_mutant(enum mutant m, struct caught *out)
{
	*out = (struct caught){ 0 };
	mutant = m;
	for (uint64_t seed = opt.seed;
	     !out->is && out->cycles < MUTANT_CYCLES; seed++) {
		struct run run = run_of(seed);

		run.cycles = FLEET_CYCLES;
		run_apart(&run, &out->by);
		out->cycles += out->by.died ? FLEET_CYCLES : out->by.cycles;
		out->fleets++;
		out->died += out->by.died;
		out->is = out->by.broken[0] != '\0' && !out->by.died;
	}
}

static void print_check(const char *finding)
{
	struct span name;
	bool check = finding_name(finding, &name);

	printf(check ? "`%.*s`" : "%.*s", (int)name.len, name.p);
}

static bool run_mutant(enum mutant m)
{
	struct caught caught;

	catch_mutant(m, &caught);
	printf("| %s | %s | %s | ", mutants[m].name, mutants[m].rule,
	       mutants[m].what);
	if (caught.is) {
		printf("%" PRIu64 ", fleet %" PRIu64 " | ", caught.cycles,
		       caught.fleets);
		print_check(caught.by.broken);
		printf(" |\n");
	} else {
		printf("**not** in %" PRIu64 " | ", caught.cycles);
		if (caught.died > 0)
			printf("%" PRIu64 " fleets hang or die", caught.died);
		printf(" |\n");
	}
	fflush(stdout);
	return caught.is;
}

/* Those that are named, or all. */
static int run_mutants(char **names, int count)
{
	int missed = 0;

	for (int i = 0; i < count; i++)
		choose_mutant(names[i]);
	printf("| mutant | rule | what is switched off | caught after cycles | "
	       "by |\n|---|---|---|---|---|\n");
	for (int i = 1; count == 0 && i < MUTANTS; i++)
		missed += !run_mutant((enum mutant)i);
	for (int i = 0; i < count; i++)
		missed += !run_mutant(mutant_named(names[i]));
	return missed;
}

static bool is_all_covered(void)
{
	return !opt.covered || opt.tier != TIER_MEMORY ||
	       opt.seeds - left_out < FLEETS_FOR_ALL || covered_all(&total.covered);
}

int main(int argc, char **argv)
{
	struct timespec end;

	read_options(argc, argv);
	runs_tools();
	clock_gettime(CLOCK_MONOTONIC, &began);
	if (opt.mutants)
		return run_mutants(argv + optind, argc - optind) > 0;
	if (optind == argc)
		run_seeds();
	for (int i = optind; i < argc; i++)
		if (run_script(argv[i]) == -1)
			return 65;
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%" PRIu64 " cycles in %ld s: %zu texts, %" PRIu64 " kills, "
	       "at most %u rounds to rest; %" PRIu64 " broken\n", total.cycles,
	       (long)(end.tv_sec - began.tv_sec), total.tokens,
	       covered_kills(&total.covered), total.most_rounds, failed);
	if (left_out > 0)
		printf("%" PRIu64 " of %" PRIu64 " fleets were not begun in %" PRIu64
		       " s\n", left_out, opt.seeds, opt.seconds);
	if (opt.covered)
		covered_print(&total.covered);
	return failed > 0 || !is_all_covered();
}
