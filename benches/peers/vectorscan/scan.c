/* The rival of the bench dlp_rules: Vectorscan (or Hyperscan) in stream mode.
 *
 * scan RULES CHUNK BODY...: compiles the rules, one a line as name, tab and pattern, and scans
 * every body in chunks, a new stream for each MiB. Prints
 *   build SECONDS DATABASE-BYTES STREAM-BYTES
 *   BODY SECONDS DETECTIONS
 * where seconds are CPU time of the thread, the best of three, and a detection is a rule that
 * matches in a stream at least once. */
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RULES_MAX 4096
#define STREAM_BYTES (1 << 20)

static unsigned long long detections;

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context) {
    (void)id, (void)from, (void)to, (void)flags, (void)context;
    detections++;
    return 0;
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static unsigned read_rules(const char *path, char **patterns) {
    static char line[1 << 16];
    unsigned count = 0;
    FILE *file = fopen(path, "r");
    if (!file) fail("the rules cannot be read");
    while (count < RULES_MAX && fgets(line, sizeof line, file)) {
        char *tab = strchr(line, '\t');
        if (!tab) fail("a rule without a tab");
        tab[1 + strcspn(tab + 1, "\n")] = 0;
        patterns[count++] = strdup(tab + 1);
    }
    fclose(file);
    return count;
}

static double scan(const hs_database_t *database, hs_scratch_t *scratch, const char *body, size_t len, size_t chunk) {
    double start = cpu_seconds();
    detections = 0;
    for (size_t begin = 0; begin < len; begin += STREAM_BYTES) {
        size_t end = len - begin < STREAM_BYTES ? len : begin + STREAM_BYTES;
        hs_stream_t *stream;
        if (hs_open_stream(database, 0, &stream) != HS_SUCCESS) fail("no stream");
        for (size_t at = begin; at < end; at += chunk) {
            size_t count = end - at < chunk ? end - at : chunk;
            hs_scan_stream(stream, body + at, (unsigned)count, 0, scratch, on_match, NULL);
        }
        hs_close_stream(stream, scratch, on_match, NULL);
    }
    return cpu_seconds() - start;
}

int main(int argc, char **argv) {
    static char *patterns[RULES_MAX];
    static unsigned flags[RULES_MAX], ids[RULES_MAX];
    if (argc < 3) fail("usage: scan RULES CHUNK BODY...");
    unsigned count = read_rules(argv[1], patterns);
    size_t chunk = strtoul(argv[2], NULL, 10);
    for (unsigned i = 0; i < count; i++) flags[i] = HS_FLAG_SINGLEMATCH, ids[i] = i;
    hs_database_t *database;
    hs_compile_error_t *error;
    hs_scratch_t *scratch = NULL;
    size_t database_bytes = 0, stream_bytes = 0;
    double start = cpu_seconds();
    if (hs_compile_multi((const char *const *)patterns, flags, ids, count, HS_MODE_STREAM, NULL, &database, &error) != HS_SUCCESS)
        fail(error->message);
    double build = cpu_seconds() - start;
    hs_database_size(database, &database_bytes);
    hs_stream_size(database, &stream_bytes);
    hs_alloc_scratch(database, &scratch);
    printf("build %f %zu %zu\n", build, database_bytes, stream_bytes);
    for (int a = 3; a < argc; a++) {
        FILE *file = fopen(argv[a], "rb");
        if (!file) fail("a body cannot be read");
        fseek(file, 0, SEEK_END);
        size_t len = (size_t)ftell(file);
        rewind(file);
        char *body = malloc(len);
        if (!body || fread(body, 1, len, file) != len) fail("a body cannot be read");
        fclose(file);
        double best = 1e9;
        for (int round = 0; round < 3; round++) {
            double took = scan(database, scratch, body, len, chunk);
            if (took < best) best = took;
        }
        printf("%s %f %llu\n", argv[a], best, detections);
        free(body);
    }
    return 0;
}
