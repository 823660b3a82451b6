#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdlib.h>
#include <sys/time.h>

typedef int sys_prot_t;

#endif
