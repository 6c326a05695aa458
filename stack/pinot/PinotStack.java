/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of Pinot in one JVM: ZooKeeper, controller, broker, server, minion, started one after the
 * other from the properties files of a folder. stack/setup compiles this against Pinot's own jars.
 * Pinot's launcher for this purpose needs jars that Maven Central does not have, and its ZooKeeper
 * starter listens on every interface.
 *
 * Arguments: CONF_DIR READY_FILE METERS_PORT. READY_FILE is created when every role has started.
 * 127.0.0.1:METERS_PORT then prints Pinot's meters, for which it has no address of its own, one
 * "name value" per line.
 */
import com.sun.net.httpserver.HttpServer;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.pinot.spi.env.PinotConfiguration;
import org.apache.pinot.spi.services.ServiceStartable;
import org.apache.zookeeper.server.ServerConfig;
import org.apache.zookeeper.server.ZooKeeperServerMain;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;

public final class PinotStack {
    /* In the order of their start: each needs the ones before it. */
    private static final String[][] ROLES = {
        {"controller", "org.apache.pinot.controller.ControllerStarter"},
        {"broker", "org.apache.pinot.broker.broker.helix.HelixBrokerStarter"},
        {"server", "org.apache.pinot.server.starter.helix.HelixServerStarter"},
        {"minion", "org.apache.pinot.minion.MinionStarter"},
    };

    private static final long STOP_MS = 4000;

    public static void main(String[] args) {
        Deque<ServiceStartable> started = new ArrayDeque<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> started.forEach(PinotStack::stop)));
        try {
            Path conf = Path.of(args[0]);
            startZooKeeper(properties(conf, "zookeeper"));
            for (String[] role : ROLES) {
                Map<String, Object> settings = new HashMap<>();
                properties(conf, role[0]).forEach((k, v) -> settings.put((String) k, v));
                ServiceStartable service =
                    (ServiceStartable) Class.forName(role[1]).getDeclaredConstructor().newInstance();
                service.init(new PinotConfiguration(settings));
                service.start();
                started.push(service); /* a stack: the hook stops the last one first */
            }
            serveMeters(Integer.parseInt(args[2]));
            Files.createFile(Path.of(args[1]));
        } catch (Throwable cause) {
            cause.printStackTrace();
            Runtime.getRuntime().halt(1); /* Pinot's threads would keep a dead process alive */
        }
    }

    /*
     * A server ends its consumers one after the other, each when its fetch of up to 5 s returns: 40 s
     * for 16 partitions. It has left the cluster before that, and what it still holds is read again
     * from Kafka in any case, so nobody waits for the rest.
     */
    private static void stop(ServiceStartable service) {
        Thread thread = new Thread(service::stop);
        thread.start();
        try {
            thread.join(STOP_MS);
        } catch (InterruptedException cause) {
            Thread.currentThread().interrupt();
        }
    }

    private static Properties properties(Path conf, String name) throws Exception {
        Properties properties = new Properties();
        try (Reader file = Files.newBufferedReader(conf.resolve(name + ".properties"))) {
            properties.load(file);
        }
        return properties;
    }

    private static void startZooKeeper(Properties properties) throws Exception {
        QuorumPeerConfig parsed = new QuorumPeerConfig();
        parsed.parseProperties(properties);
        ServerConfig config = new ServerConfig();
        config.readFrom(parsed);
        Thread thread = new Thread(() -> {
            try {
                new ZooKeeperServerMain().runFromConfig(config);
            } catch (Exception cause) {
                cause.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        }, "zookeeper");
        thread.setDaemon(true);
        thread.start();
    }

    private static void serveMeters(int port) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> {
            byte[] body = meters().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    private static String meters() {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        Map<String, Object> lines = new TreeMap<>();
        for (ObjectName bean : beans.queryNames(null, null)) {
            if (!bean.getDomain().contains("org.apache.pinot.common.metrics")) {
                continue;
            }
            for (String attribute : new String[] {"Count", "Value"}) {
                try {
                    String name = bean.getKeyProperty("name").replace("\"", "");
                    lines.put(name, beans.getAttribute(bean, attribute));
                } catch (Exception absent) {
                    /* a meter has the one, a gauge the other */
                }
            }
        }
        StringBuilder text = new StringBuilder();
        lines.forEach((name, value) -> text.append(name).append(' ').append(value).append('\n'));
        return text.toString();
    }
}
