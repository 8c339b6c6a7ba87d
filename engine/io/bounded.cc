#include "engine/io/bounded.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/io/stop.h"

namespace assocsync {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTick = std::chrono::milliseconds(50);
constexpr auto kGrace = std::chrono::milliseconds(500);

struct Job {
  std::function<void()> work;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
};

void* Work(void* argument) {
  const std::unique_ptr<std::shared_ptr<Job>> own(
      static_cast<std::shared_ptr<Job>*>(argument));
  Job& job = **own;
  job.work();
  // What it holds ends here, in this thread, before anybody waits no longer.
  job.work = nullptr;
  const std::lock_guard<std::mutex> lock(job.mutex);
  job.done = true;
  job.ended.notify_all();
  return nullptr;
}

absl::Status StartThread(const std::shared_ptr<Job>& job) {
  auto own = std::make_unique<std::shared_ptr<Job>>(job);
  // Signals go to those who look at the stop flag.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, nullptr, Work, own.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot start a thread: ", strerror(error)));
  }
  (void)own.release();
  pthread_detach(thread);
  return absl::OkStatus();
}

}  // namespace

absl::Status RunBounded(std::function<void()> work, absl::Duration limit,
                        const std::atomic<bool>* stop) {
  const auto job = std::make_shared<Job>();
  job->work = std::move(work);
  const Clock::time_point start = Clock::now();
  RETURN_IF_ERROR(StartThread(job));
  std::unique_lock<std::mutex> lock(job->mutex);
  absl::Status ended;
  while (!job->done && ended.ok()) {
    job->ended.wait_for(lock, kTick);
    ended = CheckStop(stop, "interrupted");
    if (ended.ok() && absl::FromChrono(Clock::now() - start) >= limit) {
      ended = absl::DeadlineExceededError(
          absl::StrCat("not done after ", absl::FormatDuration(limit)));
    }
  }
  if (!job->done) {
    job->ended.wait_for(lock, kGrace, [&] { return job->done; });
  }
  return job->done ? absl::OkStatus() : ended;
}

}  // namespace assocsync
