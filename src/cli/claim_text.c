/* Claims in words (claim_text.h). */
#include "claim_text.h"

#include "output.h"

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
