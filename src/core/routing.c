/* Who gets a task (routing.h). local/routes.c asks. */
#include "trine/routing.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/task.h"
#include "trine/text.h"

/* ---- names ---- */

bool routing_prefer_parse(const char *text, enum routing_prefer *out)
{
	static const char *const names[] = {
		[ROUTING_SPEED] = "speed", [ROUTING_QUALITY] = "quality",
	};

	*out = ROUTING_ANY;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text != NULL && names[i] != NULL && strcmp(text, names[i]) == 0)
			*out = (enum routing_prefer)i;
	return text == NULL || *out != ROUTING_ANY;
}

const char *routing_verdict_name(enum routing_verdict v)
{
	static const char *const names[] = {
		[ROUTING_CHOSEN] = "chosen", [ROUTING_STANDS_IN] = "stands-in",
		[ROUTING_AWAITED] = "awaited", [ROUTING_NOT_MEANT] = "not-meant",
		[ROUTING_IS_DOWN] = "down", [ROUTING_IS_FULL] = "full",
		[ROUTING_NO_WORD] = "no-match", [ROUTING_MATCHES_LESS] = "matches-less",
		[ROUTING_LESS_FREE] = "less-free",
	};

	return names[v];
}

/* ---- of those that can, the best ---- */

static bool is_full(const struct routing_candidate *c, const struct routing_task *t)
{
	return c->bound != 0 && !task_may_enter(t->priority, c->waiting, c->bound);
}

/* It cannot now; its verdict says why. */
static bool is_out(struct routing_candidate *c, const struct routing_task *t)
{
	if (c->health == ROUTING_DOWN)
		c->verdict = ROUTING_IS_DOWN;
	else if (is_full(c, t))
		c->verdict = ROUTING_IS_FULL;
	else
		return false;
	return true;
}

/* A task may ask for what an instance is better for. */
static int wished(const struct routing_candidate *c, const struct routing_task *t)
{
	if (t->prefer == ROUTING_ANY || c->prefer == t->prefer)
		return 0;
	return c->prefer == ROUTING_ANY ? 1 : 2;
}

static double busy(const struct routing_candidate *c)
{
	return (double)(c->running + c->waiting + 1) /
	       ((double)c->capacity * (double)c->weight);
}

static int less(double a, double b)
{
	return (a > b) - (a < b);
}

/* Below 0: A goes first. */
static int compare(const struct routing_candidate *a, const struct routing_candidate *b,
		   const struct routing_task *t)
{
	int order = wished(a, t) - wished(b, t);

	if (order == 0)
		order = (a->health == ROUTING_SLOW) - (b->health == ROUTING_SLOW);
	if (order == 0)
		order = less(busy(a), busy(b));
	if (order == 0 && t->prefer == ROUTING_SPEED && a->answer_ms != b->answer_ms)
		order = a->answer_ms == 0 ? 1 : b->answer_ms == 0 ? -1 :
			less((double)a->answer_ms, (double)b->answer_ms);
	if (order == 0)
		order = less((double)a->age, (double)b->age);
	return order != 0 ? order : less(b->score, a->score);
}

/* How much of the best match is as good. */
static double enough(const struct routing_task *t)
{
	static const double shares[] = {
		[ROUTING_ANY] = 0.5, [ROUTING_SPEED] = 0, [ROUTING_QUALITY] = 0.95,
	};

	return shares[t->prefer];
}

/* Among those for which IN says so. */
static int take_best(struct routing_candidate *c, size_t count, const bool *in,
		     const struct routing_task *t, enum routing_verdict chosen)
{
	double most = 0;
	int best = -1;

	for (size_t i = 0; i < count; i++)
		if (in[i] && c[i].score > most)
			most = c[i].score;
	for (size_t i = 0; i < count; i++) {
		if (!in[i])
			continue;
		c[i].verdict = ROUTING_MATCHES_LESS;
		if (c[i].score < enough(t) * most)
			continue;
		c[i].verdict = ROUTING_LESS_FREE;
		if (best == -1 || compare(&c[i], &c[best], t) < 0)
			best = (int)i;
	}
	if (best != -1)
		c[best].verdict = chosen;
	return best;
}

/* ---- those that are meant ---- */

/* The same words, whatever stands between them. */
static bool same_specialty(const char *a, const char *b)
{
	struct list x = LIST_INIT, y = LIST_INIT;
	bool same;

	if (a == NULL || b == NULL)
		return false;
	routing_words(span_str(a), &x);
	routing_words(span_str(b), &y);
	list_sort(&x);
	list_sort(&y);
	same = x.count > 0 && x.count == y.count;
	for (size_t i = 0; i < x.count && same; i++)
		same = strcmp(x.item[i], y.item[i]) == 0;
	list_release(&x);
	list_release(&y);
	return same;
}

static bool is_alike_to_meant(const struct routing_candidate *c, size_t count, size_t which)
{
	for (size_t i = 0; i < count; i++)
		if (c[i].meant && same_specialty(c[i].specialty, c[which].specialty))
			return true;
	return false;
}

static int stand_in(struct routing_candidate *c, size_t count,
		    const struct routing_task *t, bool *in)
{
	for (size_t i = 0; i < count; i++)
		in[i] = !c[i].meant && is_alike_to_meant(c, count, i) && !is_out(&c[i], t);
	return take_best(c, count, in, t, ROUTING_STANDS_IN);
}

/* Where it cannot be helped the one that is down gets it, when it is back. */
static int await(struct routing_candidate *c, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c[i].meant && c[i].verdict == ROUTING_IS_DOWN) {
			c[i].verdict = ROUTING_AWAITED;
			return (int)i;
		}
	return -1;
}

static int choose_meant(struct routing_candidate *c, size_t count,
			const struct routing_task *t, bool *in)
{
	int best;

	for (size_t i = 0; i < count; i++) {
		c[i].verdict = ROUTING_NOT_MEANT;
		in[i] = c[i].meant && !is_out(&c[i], t);
	}
	best = take_best(c, count, in, t, ROUTING_CHOSEN);
	if (best == -1 && !t->exact)
		best = stand_in(c, count, t, in);
	return best != -1 ? best : await(c, count);
}

static int choose_matching(struct routing_candidate *c, size_t count,
			   const struct routing_task *t, bool *in)
{
	for (size_t i = 0; i < count; i++) {
		c[i].verdict = ROUTING_NO_WORD;
		in[i] = c[i].score > 0 && !is_out(&c[i], t);
	}
	return take_best(c, count, in, t, ROUTING_CHOSEN);
}

int routing_choose(struct routing_candidate *c, size_t count,
		   const struct routing_task *t)
{
	bool *in = xcalloc(count + 1, sizeof(*in)), meant = false;
	int best;

	for (size_t i = 0; i < count; i++)
		meant = meant || c[i].meant;
	best = meant ? choose_meant(c, count, t, in) : choose_matching(c, count, t, in);
	free(in);
	return best;
}

/* ---- words ---- */

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static char small_letter(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int by_bytes(const void *word, const void *other)
{
	return strcmp(word, *(const char *const *)other);
}

/* Words that stand in every text, and say nothing: in order. */
static bool says_nothing(const char *word)
{
	static const char *const words[] = {
		"a", "all", "also", "an", "and", "any", "are", "as", "at", "be", "but", "by",
		"can", "do", "does", "for", "from", "has", "have", "how", "i", "if", "in",
		"into", "is", "it", "its", "me", "my", "need", "needs", "new", "no",
		"not", "of", "on", "or", "our", "out", "please", "s", "should", "so", "some",
		"t", "that", "the", "their", "them", "then", "there", "they", "this", "to",
		"up", "us", "was", "we", "what", "when", "where", "which", "who", "will",
		"with", "you", "your",
	};

	return bsearch(word, words, ARRAY_LEN(words), sizeof(*words), by_bytes) != NULL;
}

void routing_words(struct span text, struct list *out)
{
	const char *p = text.p;
	const char *end = p + text_cut(p, text.len, ROUTING_TEXT);

	while (p < end && out->count < ROUTING_WORDS) {
		size_t len = 0;
		char *word;

		while (p + len < end && is_word_byte(p[len]))
			len++;
		word = xstrndup(p, len);
		for (size_t i = 0; i < len; i++)
			word[i] = small_letter(word[i]);
		if (len == 0 || says_nothing(word) || list_has(out, word))
			free(word);
		else
			list_take(out, word);
		p += len > 0 ? len : 1;
	}
}

/* "bugs" and "bug". */
static bool same_word(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b);

	if (x > y + 1 || y > x + 1)
		return false;
	if (x == y)
		return strcmp(a, b) == 0;
	return strncmp(a, b, x < y ? x : y) == 0 && (x < y ? b[x] : a[y]) == 's';
}

double routing_overlap(const struct list *words, const char *specialty,
		       struct list *found)
{
	struct list own = LIST_INIT;
	size_t hits = 0;
	double score;

	if (specialty == NULL)
		return 0;
	routing_words(span_str(specialty), &own);
	for (size_t i = 0; i < own.count; i++)
		for (size_t k = 0; k < words->count; k++) {
			if (!same_word(own.item[i], words->item[k]))
				continue;
			hits++;
			list_add(found, own.item[i]);
			break;
		}
	/* of two with as many hits, the one that says less beside them */
	score = hits == 0 ? 0 : (double)hits + 1.0 / (1.0 + (double)own.count);
	list_release(&own);
	return score;
}
