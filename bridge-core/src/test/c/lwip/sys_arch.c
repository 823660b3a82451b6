/*
 * lwIP's threads, mailboxes and clock by POSIX threads. A semaphore is a mailbox whose messages
 * nobody looks at.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lwip/sys.h"

struct sys_queue {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int size, count, first;
  void *messages[];
};

static pthread_mutex_t protection;

void sys_init(void) {
  pthread_mutexattr_t recursive;
  pthread_mutexattr_init(&recursive);
  pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&protection, &recursive);
}

sys_prot_t sys_arch_protect(void) { return pthread_mutex_lock(&protection); }

void sys_arch_unprotect(sys_prot_t value) {
  (void)value;
  pthread_mutex_unlock(&protection);
}

u32_t sys_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (u32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

err_t sys_mutex_new(sys_mutex_t *mutex) {
  if ((*mutex = malloc(sizeof **mutex)) == NULL) return ERR_MEM;
  return pthread_mutex_init(*mutex, NULL) == 0 ? ERR_OK : ERR_MEM;
}

void sys_mutex_lock(sys_mutex_t *mutex) { pthread_mutex_lock(*mutex); }

void sys_mutex_unlock(sys_mutex_t *mutex) { pthread_mutex_unlock(*mutex); }

void sys_mutex_free(sys_mutex_t *mutex) {
  pthread_mutex_destroy(*mutex);
  free(*mutex);
}

err_t sys_mbox_new(sys_mbox_t *mbox, int size) {
  pthread_condattr_t monotonic;
  struct sys_queue *queue = calloc(1, sizeof *queue + (size_t)size * sizeof(void *));
  if ((*mbox = queue) == NULL) return ERR_MEM;
  queue->size = size;
  pthread_mutex_init(&queue->lock, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&queue->changed, &monotonic);
  return ERR_OK;
}

void sys_mbox_free(sys_mbox_t *mbox) {
  pthread_cond_destroy(&(*mbox)->changed);
  pthread_mutex_destroy(&(*mbox)->lock);
  free(*mbox);
}

static void put(struct sys_queue *queue, void *message) {
  queue->messages[(queue->first + queue->count++) % queue->size] = message;
  pthread_cond_broadcast(&queue->changed);
}

void sys_mbox_post(sys_mbox_t *mbox, void *message) {
  struct sys_queue *queue = *mbox;
  pthread_mutex_lock(&queue->lock);
  while (queue->count == queue->size) pthread_cond_wait(&queue->changed, &queue->lock);
  put(queue, message);
  pthread_mutex_unlock(&queue->lock);
}

err_t sys_mbox_trypost(sys_mbox_t *mbox, void *message) {
  struct sys_queue *queue = *mbox;
  pthread_mutex_lock(&queue->lock);
  int fits = queue->count < queue->size;
  if (fits) put(queue, message);
  pthread_mutex_unlock(&queue->lock);
  return fits ? ERR_OK : ERR_MEM;
}

err_t sys_mbox_trypost_fromisr(sys_mbox_t *mbox, void *message) {
  return sys_mbox_trypost(mbox, message);
}

/* With the lock held: takes the first message, if there is one. */
static int take(struct sys_queue *queue, void **message) {
  if (queue->count == 0) return 0;
  if (message != NULL) *message = queue->messages[queue->first];
  queue->first = (queue->first + 1) % queue->size;
  queue->count--;
  pthread_cond_broadcast(&queue->changed);
  return 1;
}

u32_t sys_arch_mbox_fetch(sys_mbox_t *mbox, void **message, u32_t millis) {
  struct sys_queue *queue = *mbox;
  struct timespec until;
  u32_t begun = sys_now();
  int taken, error = 0;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += millis / 1000;
  until.tv_nsec += (long)(millis % 1000) * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  pthread_mutex_lock(&queue->lock);
  while (!(taken = take(queue, message)) && error != ETIMEDOUT) {
    error = millis == 0 ? pthread_cond_wait(&queue->changed, &queue->lock)
                        : pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
  }
  pthread_mutex_unlock(&queue->lock);
  return taken ? sys_now() - begun : SYS_ARCH_TIMEOUT;
}

u32_t sys_arch_mbox_tryfetch(sys_mbox_t *mbox, void **message) {
  pthread_mutex_lock(&(*mbox)->lock);
  int taken = take(*mbox, message);
  pthread_mutex_unlock(&(*mbox)->lock);
  return taken ? 0 : SYS_MBOX_EMPTY;
}

err_t sys_sem_new(sys_sem_t *sem, u8_t count) {
  err_t error = sys_mbox_new(sem, 256);
  if (error == ERR_OK && count > 0) sys_sem_signal(sem);
  return error;
}

void sys_sem_signal(sys_sem_t *sem) { sys_mbox_trypost(sem, NULL); }

u32_t sys_arch_sem_wait(sys_sem_t *sem, u32_t millis) { return sys_arch_mbox_fetch(sem, NULL, millis); }

void sys_sem_free(sys_sem_t *sem) { sys_mbox_free(sem); }

struct start {
  lwip_thread_fn run;
  void *argument;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  start.run(start.argument);
  return NULL;
}

sys_thread_t sys_thread_new(const char *name, lwip_thread_fn body, void *argument, int stack, int priority) {
  pthread_t thread;
  struct start *start = malloc(sizeof *start);
  (void)name;
  (void)stack;
  (void)priority;
  if (start == NULL) abort();
  *start = (struct start){body, argument};
  if (pthread_create(&thread, NULL, run, start) != 0) abort();
  return thread;
}
