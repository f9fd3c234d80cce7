#pragma once
// What can be chosen, and the words for it: the ones that JavaScript gives and reads.
#include <string>
#include <string_view>

#include "error.h"

namespace ivb {

enum class Idle { spin, poll, adaptive };
enum class Attach { native, skb };
enum class CopyMode { copy, zerocopy, automatic };
/// What becomes of a reply's UDP checksum: none (allowed on IPv4), left to the device, or computed.
enum class Checksum { zero, offload, full };
enum class SocketSteering { hash, port };
/// Whether a feature is on.
enum class Switch { off, on };
/// The loop of AF_XDP threads: today's, or that of 2018 for study.
enum class Loop { current, of2018 };

template <typename Choice>
struct Word {
  Choice choice;
  const char* word;
};

/// The words of a choice: an array `list` of Word<Choice>.
template <typename Choice>
struct Words;

template <>
struct Words<Idle> {
  static constexpr Word<Idle> list[] = {{Idle::spin, "spin"}, {Idle::poll, "poll"}, {Idle::adaptive, "adaptive"}};
};
template <>
struct Words<Attach> {
  static constexpr Word<Attach> list[] = {{Attach::native, "native"}, {Attach::skb, "skb"}};
};
template <>
struct Words<CopyMode> {
  static constexpr Word<CopyMode> list[] = {
      {CopyMode::copy, "copy"}, {CopyMode::zerocopy, "zerocopy"}, {CopyMode::automatic, "auto"}};
};
template <>
struct Words<Checksum> {
  static constexpr Word<Checksum> list[] = {
      {Checksum::zero, "zero"}, {Checksum::offload, "offload"}, {Checksum::full, "full"}};
};
template <>
struct Words<SocketSteering> {
  static constexpr Word<SocketSteering> list[] = {{SocketSteering::hash, "hash"}, {SocketSteering::port, "port"}};
};
template <>
struct Words<Switch> {
  static constexpr Word<Switch> list[] = {{Switch::off, "off"}, {Switch::on, "on"}};
};
template <>
struct Words<Loop> {
  static constexpr Word<Loop> list[] = {{Loop::current, "current"}, {Loop::of2018, "2018"}};
};

template <typename Choice>
const char* wordOf(Choice choice) {
  for (const auto& one : Words<Choice>::list) {
    if (one.choice == choice) return one.word;
  }
  return "";
}

/// Throws SystemError ARGUMENT, naming `option`, for a word that is none of them.
template <typename Choice>
Choice choiceOf(const char* option, std::string_view word) {
  for (const auto& one : Words<Choice>::list) {
    if (word == one.word) return one.choice;
  }
  throw SystemError("ARGUMENT", option, 0, "no choice " + std::string(word));
}

}  // namespace ivb
