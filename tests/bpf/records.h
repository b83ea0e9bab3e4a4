/* SPDX-License-Identifier: GPL-2.0-only OR MIT
 *
 * Types of records.bpf.c: every kind of field that a value can have.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <linux/types.h>

enum state { IDLE, RUNNING = 7, FAILED = -3 };
enum wide { SMALL = 1, LARGE = 0x123456789abcULL };

typedef struct {
    __s16 x, y;
} point;
union number {
    __u32 whole;
    __u8 parts[4];
    float real;
};

struct thing {
    char name[8];
    __u8 mac[6];
    _Bool is_up;
    char letter;
    enum state state;
    enum wide wide;
    void *where;
    double ratio;
    __s32 grid[2][3];
    point points[2];
    union number number;
    struct {
        __u16 inner;
    };
    union {
        __u32 first;
        __u16 second;
    };
    __u32 low : 3, middle : 9;
    __s32 high : 5;
    _Bool flag : 1;
    enum state mode : 4;
    __int128 huge;
    char words[2][4];
    struct {
        __u8 a, b;
    } pair;
    __u32 class, count;
};
struct line {
    __u32 n;
    char text[];
};
typedef __u32 quad[4];

#endif
