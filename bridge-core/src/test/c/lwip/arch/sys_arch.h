/* What lwIP needs of an operating system, by POSIX threads. */
#ifndef ARCH_SYS_ARCH_H
#define ARCH_SYS_ARCH_H

#include <pthread.h>

typedef pthread_t sys_thread_t;
typedef pthread_mutex_t *sys_mutex_t;
typedef struct sys_queue *sys_mbox_t;
typedef struct sys_queue *sys_sem_t;

#define sys_mutex_valid(mutex) (*(mutex) != NULL)
#define sys_mutex_set_invalid(mutex) (*(mutex) = NULL)
#define sys_mbox_valid(mbox) (*(mbox) != NULL)
#define sys_mbox_set_invalid(mbox) (*(mbox) = NULL)
#define sys_sem_valid(sem) (*(sem) != NULL)
#define sys_sem_set_invalid(sem) (*(sem) = NULL)

#endif
