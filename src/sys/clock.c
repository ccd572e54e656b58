/*
 * The system's clock and its randomness, and a seeded sequence in the place of
 * the latter (clock.h). Handed down from cli/ and from tests.
 */
#include "trine/clock.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#include <sys/random.h>
#endif

#include "trine/text.h"

/* On macOS CLOCK_MONOTONIC counts suspend, on Linux only CLOCK_BOOTTIME does. */
#ifdef CLOCK_BOOTTIME
#define STEADY CLOCK_BOOTTIME
#else
#define STEADY CLOCK_MONOTONIC
#endif

enum { PACE_MOST = 1000 };

static int64_t system_now(struct clock *clock)
{
	return (int64_t)time(NULL) + clock->offset;
}

static int64_t system_steady(struct clock *clock)
{
	struct timespec t;

	if (clock_gettime(STEADY, &t) == -1)
		clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000) *
	       (clock->pace > 0 ? clock->pace : 1) + clock->slept;
}

static void system_sleep(struct clock *clock, int64_t milliseconds)
{
	struct timespec left;

	(void)clock;
	if (milliseconds <= 0)
		return;
	left.tv_sec = (time_t)(milliseconds / 1000);
	left.tv_nsec = (long)(milliseconds % 1000) * 1000000;
	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

void clock_system(struct clock *out)
{
	*out = (struct clock){
		.now = system_now,
		.steady = system_steady,
		.sleep = system_sleep,
	};
}

bool clock_move(struct clock *clock, const char *moved)
{
	int64_t seconds;
	uint64_t pace;

	if (moved[0] == 'x' && text_number(span_str(moved + 1), &pace) && pace > 0 &&
	    pace <= PACE_MOST) {
		clock->pace = (int)pace;
		return true;
	}
	if (strchr("+-~", moved[0]) == NULL || moved[0] == '\0' ||
	    !duration_parse(span_str(moved + 1), &seconds))
		return false;
	clock->offset = moved[0] == '-' ? -seconds : seconds;
	clock->slept = moved[0] == '~' ? seconds * 1000 : 0;
	return true;
}

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 * Generators, 2014). */
static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint64_t seeded_next(struct chance *chance)
{
	return splitmix(&chance->state);
}

/* Without entropy (a kernel that has none yet, a seccomp filter) time and pid
 * are mixed: ids stay different between computers, which is all we need. */
static uint64_t system_next(struct chance *chance)
{
	struct timespec t = { 0, 0 };
	uint64_t value;

	if (getentropy(&value, sizeof(value)) == 0)
		return value;
	clock_gettime(CLOCK_REALTIME, &t);
	chance->state ^= (uint64_t)t.tv_sec << 32 ^ (uint64_t)t.tv_nsec ^
			 (uint64_t)getpid() << 16;
	return splitmix(&chance->state);
}

void chance_system(struct chance *out)
{
	*out = (struct chance){ .next = system_next, .state = 0 };
}

void chance_seeded(struct chance *out, uint64_t seed)
{
	*out = (struct chance){ .next = seeded_next, .state = seed };
}

uint64_t chance_below(struct chance *chance, uint64_t bound)
{
	uint64_t value, unfair;

	if (bound <= 1)
		return 0;
	/* the lowest 2^64 % bound values would come up once too often */
	unfair = (0 - bound) % bound;
	do
		value = chance->next(chance);
	while (value < unfair);
	return value % bound;
}
