// The sockets of today: io_uring with multishot receives and batched sends, SO_REUSEPORT, a socket and a ring a thread.
#include <bit>

#include "pages.h"
#include "ring_server.h"
#include "udp_invoker.h"
#include "wake_event.h"

namespace ivb {
namespace {

struct RingSeat : UdpSeat {
  using UdpSeat::UdpSeat;
  WakeEvent wake;
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
  ~IouringInvoker() override { stopQuietly(); }

  std::vector<std::pair<std::string, std::string>> granted() override {
    auto out = UdpInvoker::granted();
    out.emplace_back("batch", std::to_string(config().batch));
    out.emplace_back("ring", ringMode_);
    out.emplace_back("memoryNode", listOf(nodes_));
    return out;
  }

 protected:
  std::unique_ptr<UdpSeat> open(const Slot& slot) override {
    auto out = seat<RingSeat>(slot);
    out->ring = std::make_unique<IoRing>(IoRingOptions{
        .buffers = std::bit_ceil(2 * config().batch),  // while a batch is being sent the next one is received
        .bufferBytes = RingServer::bufferBytes,
        .busyPollUs = config().busyPollUs,
        .tellsWork = config().idle == Idle::spin});
    ringMode_ = out->ring->mode();
    nodes_.merge(out->ring->memoryNodes());
    return out;
  }

  void serve(Slot& slot) override {
    RingSeat& seat = seatOf(slot);
    std::unique_ptr<IoRing> ring = std::move(seat.ring);
    RingServer({*ring, seat.socket, seat.wake.fd(), workOf(slot), waitingOf(slot), repliesFrom(), answers(), slot.counters})
        .run();
  }

  /// Not by shutdown(): a receive that does not block, as those of a ring are, does not look whether its socket was.
  void wake(Slot& slot) override { seatOf(slot).wake.set(); }

 private:
  static RingSeat& seatOf(const Slot& slot) { return static_cast<RingSeat&>(*slot.resource); }

  std::string ringMode_;
  std::set<int> nodes_;  ///< of all rings' buffers
};

}  // namespace

std::unique_ptr<Invoker> startIouring(const InvokerConfig& config) { return std::make_unique<IouringInvoker>(config); }

}  // namespace ivb
