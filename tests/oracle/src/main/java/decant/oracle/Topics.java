/* SPDX-License-Identifier: Apache-2.0 */
package decant.oracle;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Creates topics that keep every record: a compacted topic would hide a wrong intermediate row, and
 * a bounded test does not need the room.
 *
 * <p>Usage: {@code Topics BOOTSTRAP PARTITIONS NAME…}; a topic that exists is an error, because
 * records of another run would be in it.
 */
public final class Topics {
    private Topics() {}

    public static void main(String[] args) throws Exception {
        Collection<String> names = List.of(args).subList(2, args.length);
        try (Admin admin = admin(args[0])) {
            List<String> present = admin.listTopics().names().get().stream()
                    .filter(names::contains)
                    .toList();
            if (!present.isEmpty()) {
                System.err.println("error: " + args[0] + " has already the topics " + present
                        + "\n  help: give a broker of its own to this test, or delete them");
                System.exit(1);
            }
            create(admin, names, Integer.parseInt(args[1]));
        }
    }

    static void createMissing(String bootstrap, Collection<String> names, int partitions)
            throws Exception {
        try (Admin admin = admin(bootstrap)) {
            Set<String> present = admin.listTopics().names().get();
            List<String> missing =
                    names.stream().filter(name -> !present.contains(name)).toList();
            create(admin, missing, partitions);
        }
    }

    private static void create(Admin admin, Collection<String> names, int partitions)
            throws Exception {
        Map<String, String> keepAll = Map.of("retention.ms", "-1");
        admin.createTopics(names.stream()
                        .map(name -> new NewTopic(name, partitions, (short) 1).configs(keepAll))
                        .toList())
                .all().get();
    }

    private static Admin admin(String bootstrap) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return Admin.create(properties);
    }
}
