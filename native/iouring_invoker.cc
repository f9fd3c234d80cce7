// The sockets of today: io_uring with multishot receives and batched sends, SO_REUSEPORT, a socket and a ring a thread.
#include <sys/eventfd.h>

#include <bit>

#include "ring_server.h"
#include "udp_invoker.h"

namespace ivb {
namespace {

struct RingSeat : UdpSeat {
  using UdpSeat::UdpSeat;
  Fd wake;
  std::unique_ptr<IoRing> ring;  ///< until its thread takes it
};

class IouringInvoker : public UdpInvoker {
 public:
  explicit IouringInvoker(const InvokerConfig& config) : UdpInvoker(config, PortSharing::reusePort) {
    constexpr uint32_t maxBatch = IoRing::maxBuffers / 2;
    if (config.batch < 1 || config.batch > maxBatch)
      throw SystemError("ARGUMENT", "batch", 0,
                        "a batch of " + std::to_string(config.batch) + " is not from 1 to " + std::to_string(maxBatch));
    start();
  }
  ~IouringInvoker() override { stop(); }

  std::vector<std::pair<std::string, std::string>> granted() override {
    auto out = UdpInvoker::granted();
    out.emplace_back("batch", std::to_string(config().batch));
    out.emplace_back("ring", ringMode_);
    return out;
  }

 protected:
  std::unique_ptr<UdpSeat> open(const Slot& slot) override {
    auto seat = std::make_unique<RingSeat>(bind(slot));
    seat->wake = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!seat->wake) fail("EVENTFD", "eventfd", "cannot create the stop event");
    // While a batch is being sent the next one is received.
    seat->ring = std::make_unique<IoRing>(
        IoRingOptions{std::bit_ceil(2 * config().batch), RingServer::bufferBytes, config().busyPollUs});
    ringMode_ = seat->ring->mode();
    return seat;
  }

  void serve(Slot& slot) override {
    RingSeat& seat = seatOf(slot);
    std::unique_ptr<IoRing> ring = std::move(seat.ring);
    RingServer(*ring, seat.socket, seat.wake, serviceOf(slot).function->run, slot.counters).run();
  }

  /// Not by shutdown(): a receive that does not block, as those of a ring are, does not look whether its socket was.
  void wake(Slot& slot) override {
    uint64_t one = 1;
    if (write(seatOf(slot).wake.get(), &one, sizeof one) < 0) { /* cannot fail: the counter is far from its limit */ }
  }

  CounterList read(Slot& slot) override {
    CounterList out = slot.counters.listWithHiccups();
    appendDropped(slot, out);
    return out;
  }

 private:
  static RingSeat& seatOf(const Slot& slot) { return static_cast<RingSeat&>(*slot.resource); }

  std::string ringMode_;
};

}  // namespace

std::unique_ptr<Invoker> startIouring(const InvokerConfig& config) { return std::make_unique<IouringInvoker>(config); }

}  // namespace ivb
