/* Claims in words and as JSON (claim_text.h). */
#include "claim_text.h"

#include "output.h"

const char *claim_state_word(enum claim_state state)
{
	static const char *const words[] = {
		[CLAIM_FREE] = "free", [CLAIM_TENTATIVE] = "tentative",
		[CLAIM_HELD] = "held", [CLAIM_OVER] = "over",
		[CLAIM_ELSEWHERE] = "elsewhere",
	};

	return words[state];
}

void claim_to_json(json_t *json, const struct claim_standing *s)
{
	json_object_set_new(json, "state", json_string(claim_state_word(s->state)));
	if (s->token != 0)
		json_object_set_new(json, "token",
				    json_integer((json_int_t)s->token));
	if (s->computer != 0)
		json_object_set_new(json, "computer", json_integer(s->computer));
	if (s->by[0] != '\0')
		json_object_set_new(json, "holder", json_string(s->by));
	if (s->left > 0)
		json_object_set_new(json, "left_s", json_integer(s->left));
}

/* "Forge" here, "computer 2 (Forge)" elsewhere, "Forge of computer 2 (Mechanic)" with
 * WHO. */
static void add_who(struct buf *out, const struct claim_standing *s, const char *who)
{
	bool by = s->by[0] != '\0';

	if (s->computer == 0) {
		output_escaped(out, by ? s->by : "this computer");
	} else if (who == NULL) {
		buf_printf(out, "computer %d%s", s->computer, by ? " (" : "");
		output_escaped(out, s->by);
		buf_adds(out, by ? ")" : "");
	} else {
		output_escaped(out, s->by);
		buf_printf(out, "%scomputer ", by ? " of " : "");
		output_escaped(out, who);
	}
}

void claim_words(struct buf *out, const struct claim_standing *s, const char *who)
{
	char left[TIME_TEXT];

	if (s->state == CLAIM_FREE) {
		buf_adds(out, "nobody has it");
		return;
	}
	add_who(out, s, who);
	buf_adds(out, s->state == CLAIM_TENTATIVE ? " wants it" : " has it");
	if (s->token != 0)
		buf_printf(out, ", token %llu", (unsigned long long)s->token);
	if (s->state == CLAIM_TENTATIVE)
		output_colour(out, COLOUR_YELLOW, ", tentative: nobody confirmed it");
	else if (s->state == CLAIM_OVER)
		output_colour(out, COLOUR_YELLOW,
			      ", over, unless a sync gets through");
	else
		buf_printf(out, ", for another %s unless it is renewed",
			   duration_words(s->left, left));
}
