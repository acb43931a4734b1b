package clickledger;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.hive.conf.HiveConf;
import org.apache.hive.service.cli.HiveSQLException;
import org.apache.hive.service.cli.OperationHandle;
import org.apache.hive.service.cli.SessionHandle;
import org.apache.hive.service.cli.session.HiveSessionImpl;
import org.apache.hive.service.rpc.thrift.TProtocolVersion;

/** A session of HiveServer2 in which analysts can only do what Rights are asked about. */
public class Session extends HiveSessionImpl {
  private final boolean isPlatform;

  public Session(
      SessionHandle handle,
      TProtocolVersion protocol,
      String user,
      String password,
      HiveConf conf,
      String address,
      List<String> forwarded) {
    super(handle, protocol, user, password, conf, address, forwarded);
    isPlatform = Login.isPlatform(user, conf);
    if (!isPlatform) restrict(getHiveConf());
  }

  /** No command (set, dfs, add, compile …) and no setting, but for two that clients send by themselves. */
  private static void restrict(HiveConf conf) {
    conf.setVar(HiveConf.ConfVars.HIVE_SECURITY_COMMAND_WHITELIST, "none");
    conf.setModifiableWhiteListRegex("hive\\.query\\.name|hive\\.server2\\.thrift\\.resultset\\.default\\.fetch\\.size");
    // ${env:…} and ${hiveconf:…} in a query would show keys of S3.
    conf.setBoolVar(HiveConf.ConfVars.HIVE_VARIABLE_SUBSTITUTE, false);
  }

  /** What a client sets with `set:` as it opens a session is no command: `set:system:x` would be for the whole server. */
  @Override
  public void open(Map<String, String> settings) throws HiveSQLException {
    if (!isPlatform && settings != null) {
      for (String name : settings.keySet()) {
        if (name.startsWith("set:") && !name.matches("set:hiveconf:[\\w.]+")) throw refusal("may not " + name);
      }
    }
    super.open(settings);
  }

  @Override
  public OperationHandle uploadData(ByteBuffer values, String table, String path) throws HiveSQLException {
    if (!isPlatform) throw refusal("may not upload");
    return super.uploadData(values, table, path);
  }

  @Override
  public OperationHandle downloadData(String table, String query, String format, Map<String, String> options)
      throws HiveSQLException {
    if (!isPlatform) throw refusal("may not download");
    return super.downloadData(table, query, format, options);
  }

  private static HiveSQLException refusal(String what) {
    return new HiveSQLException("Permission denied: an analyst " + what, "42000");
  }
}
