// A market of holders and implementers in plain C: a yardstick of what a month of an open negotiation
// costs a machine at least.  Its rules are far thinner than the engine's (seven live states, two offers,
// a court queue, one mean of comparables) but of the same kind: one pass over the open negotiations a
// month, one Philox4x32-10 block of chance each, and one outcome row per negotiation.
#include <math.h>
#include <stdint.h>

enum { UNNOTICED, NOTICED, TECHNICAL, COMMERCIAL, DEADLOCK, QUEUED, COURT, LICENSED, INVALID };
enum { HOLDERS = 10, IMPLEMENTERS = 40, PAIRS = HOLDERS * IMPLEMENTERS };
enum { TALKS = 24 /* months until deadlock */, SLOTS = 8 /* cases the court hears at a time */ };
enum { BY_TALKS = 1, IN_QUEUE, BY_COURT, BY_INVALIDITY };

typedef struct {
  uint32_t replication;
  uint16_t holder, implementer;
  uint8_t state, route;
  uint16_t month, talks, offers;
  float price, ask, bid, comparable;
} Row;

// Salmon et al. (2011); counter and key are overwritten.
static inline __attribute__((always_inline)) void philox4x32_10(uint32_t c[4], uint32_t k[2]) {
  for (int i = 0; i < 10; i++) {
    uint64_t p0 = 0xD2511F53ULL * c[0], p1 = 0xCD9E8D57ULL * c[2];
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c[1] ^ k[0], n2 = (uint32_t)(p0 >> 32) ^ c[3] ^ k[1];
    c[1] = (uint32_t)p1, c[3] = (uint32_t)p0, c[0] = n0, c[2] = n2;
    k[0] += 0x9E3779B9u, k[1] += 0xBB67AE85u;
  }
}

void philox(uint32_t counter[4], uint32_t key[2]) { philox4x32_10(counter, key); }

// Four uniform numbers in (0, 1) at an address.
static inline __attribute__((always_inline)) void draw(uint64_t seed, uint64_t replication, uint64_t slot,
                                                       double u[4]) {
  uint32_t c[4] = {(uint32_t)slot, (uint32_t)(slot >> 32), (uint32_t)replication, (uint32_t)(replication >> 32)};
  uint32_t k[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  philox4x32_10(c, k);
  for (int i = 0; i < 4; i++) u[i] = (c[i] + 0.5) * 0x1.0p-32;
}

static int64_t play(uint64_t seed, uint64_t replication, int months, Row *row) {
  uint8_t state[PAIRS] = {0};
  int16_t talks[PAIRS] = {0}, left[PAIRS] = {0};
  int32_t queue[PAIRS];
  double strength[HOLDERS], value[IMPLEMENTERS], merit[PAIRS], u[4], mean = 0.3, weight = 2.0;
  int head = 0, tail = 0, busy = 0;
  int64_t open = 0;
  for (int h = 0; h < HOLDERS; h++) draw(seed, replication, (1ULL << 40) + h, u), strength[h] = 0.2 + 0.8 * u[0];
  for (int i = 0; i < IMPLEMENTERS; i++) draw(seed, replication, (2ULL << 40) + i, u), value[i] = 0.5 + u[0];
  for (int p = 0; p < PAIRS; p++) draw(seed, replication, (3ULL << 40) + p, u), merit[p] = u[0];
  for (int p = 0; p < PAIRS; p++)
    row[p] = (Row){.replication = (uint32_t)replication, .holder = p / IMPLEMENTERS,
                   .implementer = p % IMPLEMENTERS, .month = months, .price = NAN};
  for (int t = 0; t < months; t++) {
    for (int p = 0; p < PAIRS; p++) {
      if (state[p] >= LICENSED) continue;
      int done = 0;
      double price = 0.0;
      open++;
      draw(seed, replication, (uint64_t)t * PAIRS + p, u);
      switch (state[p]) {
      case UNNOTICED:
        if (u[0] < 0.1 * (0.5 + strength[p / IMPLEMENTERS])) state[p] = NOTICED;
        break;
      case NOTICED:
        if (u[0] < 0.25) state[p] = TECHNICAL;
        break;
      case TECHNICAL:
        if (u[0] < 0.2 + 0.2 * merit[p]) state[p] = COMMERCIAL, talks[p] = 0;
        break;
      case COMMERCIAL: {
        double age = ++talks[p] / (double)TALKS, firm = 1.0 - age * age;
        double least = 0.5 * strength[p / IMPLEMENTERS] * exp(-0.02 * talks[p]) * (0.5 + mean);
        double most = value[p % IMPLEMENTERS] * merit[p] * (1.0 - exp(-0.05 * (t + 1.0))) + 0.3 * mean;
        double ask = least + (1.2 - least) * firm * (0.9 + 0.2 * u[0]);
        double bid = most * (1.0 - firm * (0.9 + 0.2 * u[1]));
        row[p].offers++, row[p].ask = (float)ask, row[p].bid = (float)bid;
        if (bid >= ask && bid >= least) done = LICENSED, price = 0.5 * (ask + bid), row[p].route = BY_TALKS;
        else if (u[2] < 0.02 || talks[p] >= TALKS) state[p] = DEADLOCK;
        break;
      }
      case DEADLOCK:
        if (u[0] < 0.15) state[p] = QUEUED, queue[tail++] = p;
        else if (u[1] < 0.10) state[p] = COMMERCIAL, talks[p] /= 2;
        break;
      case QUEUED:
        if (u[0] < 0.05) done = LICENSED, price = mean, row[p].route = IN_QUEUE;
        break;
      case COURT:
        if (--left[p] > 0) break;
        busy--;
        if (u[0] < 0.6) done = LICENSED, price = 1.1 * mean, row[p].route = BY_COURT;
        else done = INVALID, row[p].route = BY_INVALIDITY;
      }
      if (!done) continue;
      state[p] = done, row[p].month = t;
      if (done == LICENSED) {
        weight += 1.0, mean += (price - mean) / weight;
        row[p].price = (float)price, row[p].comparable = (float)mean;
      }
    }
    while (busy < SLOTS && head < tail) {
      int p = queue[head++];
      if (state[p] != QUEUED) continue;
      draw(seed, replication, (4ULL << 40) + p, u);
      state[p] = COURT, busy++, left[p] = 1 + (int16_t)(-12.0 * log(u[0]));
    }
  }
  for (int p = 0; p < PAIRS; p++) row[p].state = state[p], row[p].talks = talks[p];
  return open;
}

// Plays replications into one row per negotiation; returns the months in which negotiations were open.
int64_t market(uint64_t seed, int64_t replications, int months, Row *rows) {
  int64_t open = 0;
  for (int64_t k = 0; k < replications; k++) open += play(seed, k, months, rows + k * PAIRS);
  return open;
}
