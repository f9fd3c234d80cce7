{
  "variables": {
    "skeletons": "<(SHARED_INTERMEDIATE_DIR)/skeletons",
    # All of them for each program: what a program includes by way of another header is easily left out.
    "bpf_common": ["bpf/skeleton.sh", "<!@(ls bpf/*.h)"]
  },
  "targets": [
    {
      "target_name": "skeletons",
      "type": "none",
      "actions": [
        {
          "action_name": "steer",
          "inputs": ["bpf/steer.bpf.c", "<@(bpf_common)"],
          "outputs": ["<(skeletons)/steer.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/steer.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "pass",
          "inputs": ["bpf/pass.bpf.c", "<@(bpf_common)"],
          "outputs": ["<(skeletons)/pass.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/pass.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "respond",
          "inputs": ["bpf/respond.bpf.c", "<@(bpf_common)"],
          "outputs": ["<(skeletons)/respond.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/respond.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "respond_tc",
          "inputs": ["bpf/respond_tc.bpf.c", "<@(bpf_common)"],
          "outputs": ["<(skeletons)/respond_tc.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/respond_tc.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "admit",
          "inputs": ["bpf/admit.bpf.c", "<@(bpf_common)"],
          "outputs": ["<(skeletons)/admit.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/admit.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "collect",
          "inputs": ["bpf/collect.bpf.c", "<@(bpf_common)"],
          "outputs": ["<(skeletons)/collect.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/collect.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "generate",
          "inputs": ["bpf/generate.bpf.c", "<@(bpf_common)"],
          "outputs": ["<(skeletons)/generate.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/generate.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "count",
          "inputs": ["bpf/count.bpf.c", "<@(bpf_common)"],
          "outputs": ["<(skeletons)/count.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/count.bpf.c", "<@(_outputs)"]
        }
      ]
    },
    {
      "target_name": "invoker",
      "dependencies": ["skeletons"],
      "sources": [
        "native/addon.cc",
        "native/addon_invoker.cc",
        "native/addon_loads.cc",
        "native/afpacket_invoker.cc",
        "native/afxdp_invoker.cc",
        "native/closed_loop.cc",
        "native/functions.cc",
        "native/interface_counters.cc",
        "native/interface_facts.cc",
        "native/io_ring.cc",
        "native/iouring_invoker.cc",
        "native/live_generator.cc",
        "native/load_log.cc",
        "native/lookup.cc",
        "native/own_ends.cc",
        "native/packet_group.cc",
        "native/packet_ring.cc",
        "native/pages.cc",
        "native/recvfrom_invoker.cc",
        "native/recvmmsg_invoker.cc",
        "native/reply_collector.cc",
        "native/reply_counter.cc",
        "native/reply_pattern.cc",
        "native/reuseport_group.cc",
        "native/reverse.cc",
        "native/ring_server.cc",
        "native/segment_batch.cc",
        "native/socket_generator.cc",
        "native/steering.cc",
        "native/tc_hook.cc",
        "native/tc_invoker.cc",
        "native/udp_addresses.cc",
        "native/udp_connection.cc",
        "native/udp_socket.cc",
        "native/vlan_tags.cc",
        "native/waits.cc",
        "native/work.cc",
        "native/xdp_invoker.cc",
        "native/xdp_program.cc",
        "native/xsk_generator.cc",
        "native/xsk_queue.cc",
        "native/xsk_socket.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "<(skeletons)"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra", "-fexceptions", "-Wno-missing-field-initializers", "-Wno-cast-function-type"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-O3"],
      "libraries": ["-lbpf", "-luring"]
    }
  ]
}
