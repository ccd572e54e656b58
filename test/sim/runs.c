/*
 * Runs as processes (runs.h), and what their findings are called.
 */
#include "mutants.h"
#include "runs.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commit.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { STORY_LINES = 60 };

static char tools[PATH_MAX];

void runs_tools(void)
{
	ssize_t len = readlink("/proc/self/exe", tools, sizeof(tools) - 1);

	tools[len > 0 ? len : 0] = '\0';
	if (strrchr(tools, '/') != NULL)
		*strrchr(tools, '/') = '\0';
}

/* --- in its process --- */

static void print_story(const struct world *w, enum story story)
{
	const char *from = w->story.data + w->story.len;

	for (int lines = 0; from > w->story.data; from--)
		if (from[-1] == '\n' && ++lines > STORY_LINES &&
		    story == STORY_END)
			break;
	fputs(from, stdout);
}

void run_script_of(const struct run *run, struct script *out)
{
	if (run->script != NULL)
		script_copy(out, run->script, 0, run->script->count);
	else
		script_by_chance(out, run->seed, run->cycles * 3);
}

static void run_here(const struct run *run, const char *root,
		     struct outcome *out)
{
	struct world_plan plan = { run->seed, run->computers, run->tier, tools,
				   root, &out->acts };
	struct error err = ERROR_INIT;
	struct world *w;

	if (repo_start(&err) == -1 || world_new(&w, &plan) == -1) {
		snprintf(out->broken, sizeof(out->broken), "no world: %.200s",
			 err.text);
		return;
	}
	run_script_of(run, &w->script);
	w->keep = run->keep;
	world_run(w, run->cycles);
	if (w->broken != NULL)
		snprintf(out->broken, sizeof(out->broken), "%.1000s", w->broken);
	out->cycles = w->cycles;
	out->tokens = w->token_count;
	out->most_rounds = w->most_rounds;
	check_looked(w->check, w->covered.looked);
	out->covered = w->covered;
	if (run->story != STORY_NONE)
		print_story(w, run->story);
	world_free(w);
	repo_stop();
}

/* A cycle takes and gives back the same memory again and again: not to and from
 * the kernel. */
static void keep_memory(void)
{
#ifdef __GLIBC__
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TOP_PAD, 16 << 20);
#endif
}

/* --- outside of it --- */

/* Made and removed here: a process that dies leaves its files. */
static void make_root(struct job *job)
{
	bool memory = access("/dev/shm", W_OK) == 0;

	snprintf(job->root, sizeof(job->root), "%s/trine-sim-XXXXXX",
		 memory ? "/dev/shm" : "/tmp");
	if (mkdtemp(job->root) == NULL) {
		perror(job->root);
		exit(1);
	}
}

static void *share(size_t size)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return shared;
}

void run_start(struct job *job, const struct run *run)
{
	job->outcome = share(sizeof(*job->outcome));
	job->seed = run->seed;
	job->keep = run->keep;
	make_root(job);
	fflush(NULL);
	job->pid = fork();
	if (job->pid == -1) {
		perror("fork");
		exit(1);
	}
	if (job->pid != 0)
		return;
	alarm(run->seconds > 0 ? run->seconds :
	      (unsigned)(120 + run->cycles / (run->tier == TIER_FILES ? 1 : 10)));
	signal(SIGINT, SIG_DFL);	/* who waits may have a use for it */
	setenv("PATH", "/nonexistent", 1);	/* no git here: no packing */
	keep_memory();
	run_here(run, job->root, job->outcome);
	fflush(NULL);
	_exit(0);
}

/* How a process died that could not say so itself. */
static void say_death(struct outcome *o, int status)
{
	if (WIFEXITED(status))
		snprintf(o->broken, sizeof(o->broken), "it ends with %d",
			 WEXITSTATUS(status));
	else
		snprintf(o->broken, sizeof(o->broken), "%s",
			 WTERMSIG(status) == SIGALRM ? "it hangs" :
			 strsignal(WTERMSIG(status)));
}

void run_finish(struct job *job, int status, struct outcome *out)
{
	struct error ignored = ERROR_INIT;

	*out = *job->outcome;
	if (status != 0 && out->broken[0] == '\0') {
		say_death(out, status);
		out->died = !WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT;
	}
	if (job->keep)
		printf("files: %s\n", job->root);
	else
		file_remove_tree(job->root, &ignored);
	munmap(job->outcome, sizeof(*job->outcome));
	*job = (struct job){ 0 };
}

void run_apart(const struct run *run, struct outcome *out)
{
	struct job job;
	int status = 0;

	run_start(&job, run);
	while (waitpid(job.pid, &status, 0) == -1 && errno == EINTR)
		;
	run_finish(&job, status, out);
}

/* --- findings --- */

bool finding_same(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "0123456789abcdef");
		b += strspn(b, "0123456789abcdef");
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
	}
}

/* Behind the words that say when it was found, up to a colon. */
static const char *behind_when(const char *finding)
{
	static const char *const when[] = {
		"after a cycle of computer ", "in a cycle of computer ",
		"before the answer to computer ", "at rest",
	};

	for (size_t i = 0; i < ARRAY_LEN(when); i++)
		if (text_starts(span_str(finding), when[i]))
			return strchr(finding, ':') + 2;
	return finding;
}

bool finding_name(const char *finding, struct span *out)
{
	size_t word;

	finding = behind_when(finding);
	word = strcspn(finding, " ");
	if (word > 0 && finding[word - 1] == ':') {
		*out = (struct span){ finding, word - 1 };
		return true;
	}
	*out = (struct span){ finding, strcspn(finding, ":|\n") };
	return false;
}

/* --- again --- */

int computers_by_seed(uint64_t seed)
{
	return 3 + (int)(seed % 3);
}

/* On which commit, if git says; and what `make sim` has no word for, the program has. */
void run_again(const struct run *run, struct buf *out)
{
	if (SIM_COMMIT[0] != '\0')
		buf_adds(out, "on commit " SIM_COMMIT ", ");
	if (mutant == MUTANT_NONE &&
	    run->computers == computers_by_seed(run->seed)) {
		buf_printf(out, "make sim SEED=%" PRIu64 " CYCLES=%" PRIu64
			   " TIER=%d", run->seed, run->cycles, (int)run->tier);
		return;
	}
	buf_printf(out, "%s", program_invocation_name);
	if (mutant != MUTANT_NONE)
		buf_printf(out, " --mutant %s", mutants[mutant].name);
	buf_printf(out, " --seed %" PRIu64 " --cycles %" PRIu64
		   " --tier %d --computers %d", run->seed, run->cycles,
		   (int)run->tier, run->computers);
}
