#include "core/difference/quantity.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

enum { TEXT_BYTES = 64, DECIMALS = 9 };
__extension__ typedef unsigned __int128 wide;

/* In billionths; a plus sign is allowed, a minus sign is nothing an object of ours may have. */
struct quantity {
	wide digits;
	int decimals; /* after the point */
	int power10;
	unsigned power2;
};

static const struct suffix {
	const char *text;
	int power10;
	unsigned power2;
} suffixes[] = {
	{"", 0, 0},   {"n", -9, 0}, {"u", -6, 0}, {"m", -3, 0}, {"k", 3, 0},   {"M", 6, 0},   {"G", 9, 0},   {"T", 12, 0},
	{"P", 15, 0}, {"E", 18, 0}, {"Ki", 0, 10}, {"Mi", 0, 20}, {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60},
};

static bool
read_digits(const char **at, struct quantity *ret)
{
	size_t count = 0;
	bool is_after_point = false;
	for (; isdigit((unsigned char)**at) || (**at == '.' && !is_after_point); (*at)++) {
		if (**at == '.') {
			is_after_point = true;
			continue;
		}
		ret->digits = ret->digits * 10 + (wide)(**at - '0');
		ret->decimals += is_after_point;
		if (++count > 27)
			return false;
	}
	return count > 0;
}

/* "e3", "E-2". */
static bool
read_exponent(const char *text, struct quantity *ret)
{
	char *end;
	if ((text[0] != 'e' && text[0] != 'E') || text[1] == '\0' || strlen(text) > 4)
		return false;
	long power = strtol(text + 1, &end, 10);
	ret->power10 = (int)power;
	return *end == '\0' && !isspace((unsigned char)text[1]);
}

static bool
read_suffix(const char *text, struct quantity *ret)
{
	for (size_t i = 0; i < array_length(suffixes); i++)
		if (strcmp(suffixes[i].text, text) == 0) {
			ret->power10 = suffixes[i].power10;
			ret->power2 = suffixes[i].power2;
			return true;
		}
	return read_exponent(text, ret);
}

/* False when it does not fit, or has a fraction of a billionth. */
static bool
to_billionths(const struct quantity *quantity, wide *ret)
{
	wide value = quantity->digits;
	int power = quantity->power10 - quantity->decimals + DECIMALS;
	for (; power > 0; power--)
		if (__builtin_mul_overflow(value, (wide)10, &value))
			return false;
	if (__builtin_mul_overflow(value, (wide)1 << quantity->power2, &value))
		return false;
	for (; power < 0; power++) {
		if (value % 10 != 0)
			return false;
		value /= 10;
	}
	*ret = value;
	return true;
}

static bool
read_quantity(const json_t *value, wide *ret)
{
	char number[TEXT_BYTES];
	const char *text = json_string_value(value);
	struct quantity quantity = {0};
	if (json_is_number(value)) {
		snprintf(number, sizeof number, "%.15g", json_number_value(value));
		text = number;
	}
	if (text == NULL)
		return false;
	text += *text == '+';
	return read_digits(&text, &quantity) && read_suffix(text, &quantity) && to_billionths(&quantity, ret);
}

bool
quantity_is_equal(const json_t *a, const json_t *b)
{
	wide left, right;
	return read_quantity(a, &left) && read_quantity(b, &right) && left == right;
}
