#include "web/gzip.h"

#include <limits.h>
#include <stdint.h>
#include <zlib.h>

#include "base/library.h"

static struct {
	__typeof__(deflateInit2_) *init;
	__typeof__(deflate) *run;
	__typeof__(deflateEnd) *end;
	__typeof__(inflateInit2_) *expand_init;
	__typeof__(inflate) *expand;
	__typeof__(inflateEnd) *expand_end;
} zlib;

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(deflateInit2_, zlib.init),
	LIBRARY_SYMBOL(deflate, zlib.run),
	LIBRARY_SYMBOL(deflateEnd, zlib.end),
	LIBRARY_SYMBOL(inflateInit2_, zlib.expand_init),
	LIBRARY_SYMBOL(inflate, zlib.expand),
	LIBRARY_SYMBOL(inflateEnd, zlib.expand_end),
};

enum { GZIP_WINDOW = 15 + 16, BLOCK_BYTES = 16384 };

bool
gzip_compress(const void *bytes, size_t length, struct buf *ret)
{
	enum { MEMORY_LEVEL = 8 };
	unsigned char block[BLOCK_BYTES];
	struct error ignored;
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length};
	int result;

	if (length > UINT_MAX ||
	    !library_load(LIBRARY_ZLIB, symbols, array_length(symbols), &ignored) ||
	    zlib.init(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY,
	              ZLIB_VERSION, (int)sizeof stream) != Z_OK)
		return false;
	do {
		stream.next_out = block;
		stream.avail_out = sizeof block;
		result = zlib.run(&stream, Z_FINISH);
		buf_add(ret, block, sizeof block - stream.avail_out);
	} while (result == Z_OK && !ret->overflow);
	zlib.end(&stream);
	return result == Z_STREAM_END && !ret->overflow;
}

bool
gzip_expand(const void *bytes, size_t length, struct buf *ret)
{
	unsigned char block[BLOCK_BYTES];
	struct error ignored;
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length};
	int result;

	if (length > UINT_MAX || !library_load(LIBRARY_ZLIB, symbols, array_length(symbols), &ignored) ||
	    zlib.expand_init(&stream, GZIP_WINDOW, ZLIB_VERSION, (int)sizeof stream) != Z_OK)
		return false;
	do {
		stream.next_out = block;
		stream.avail_out = sizeof block;
		result = zlib.expand(&stream, Z_NO_FLUSH);
		buf_add(ret, block, sizeof block - stream.avail_out);
	} while (result == Z_OK && !ret->overflow);
	zlib.expand_end(&stream);
	return result == Z_STREAM_END && stream.avail_in == 0 && !ret->overflow;
}
