/* How many elements of golden vectors of linspace in float64 does a function get right? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double element(double start, double stop, long div, long i) { /* put your own here */
    return div ? start + i * ((stop - start) / div) : start;
}

static const char *after(const char *line, const char *key) {
    const char *found = strstr(line, key);
    return found ? found + strlen(key) : NULL;
}

static int is_double(const char *text, double *x) { /* "0x1.8p+1" or "10", but not "1/3" */
    const char *digits = text + (*text == '-');
    char *end;
    *x = strtod(text, &end);
    return *end == '"' && (digits[1] == 'x' || (-0x1p53 < *x && *x < 0x1p53));
}

int main(void) {
    static char line[1 << 16];
    long right = 0, all = 0;
    while (fgets(line, sizeof line, stdin)) {
        double start, stop, value;
        const char *at = after(line, "\"values\":["), *index = after(line, "\"indices\":[");
        if (!at || !strstr(line, "\"dtype\":\"float64\"")) continue;
        if (!is_double(after(line, "\"start\":\""), &start)) continue;
        if (!is_double(after(line, "\"stop\":\""), &stop)) continue;
        long num = strtol(after(line, "\"num\":"), NULL, 10);
        long div = strstr(line, "\"endpoint\":false") ? num : num - 1;
        for (long k = 0; *at == '"'; k++, all++) {
            value = strtod(at + 1, (char **)&at);
            double mine = element(start, stop, div, index ? strtol(index, (char **)&index, 10) : k);
            right += memcmp(&mine, &value, sizeof value) == 0;
            at += at[1] == ',' ? 2 : 1; /* past the quote, and past a comma */
            index += index != NULL;
        }
    }
    printf("%ld of %ld elements are right\n", right, all);
    return 0;
}
