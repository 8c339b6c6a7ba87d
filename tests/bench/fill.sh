# fill N SERIES: SQL that gives cluster "lab" of a fresh database N users in
# accounts of 50, as slurmdbd of that series (2411) would have stored them.
fill() {
  accounts=$((($1 + 49) / 50)) last=$(($1 - 1))
  if [ "$2" -ge 2311 ]; then
    place=", id_parent, lineage"
    account=", 1, CONCAT('/acct', s.seq, '/')"
    user=", 1000 + s.seq DIV 50, CONCAT('/acct', s.seq DIV 50, '/0-user', s.seq, '/')"
  else
    place=", lft, rgt"
    account=", 10 + s.seq * 200, 10 + s.seq * 200 + 150"
    user=", 11 + (s.seq DIV 50) * 200 + (s.seq MOD 50) * 2, 12 + (s.seq DIV 50) * 200 + (s.seq MOD 50) * 2"
    echo "UPDATE lab_assoc_table SET rgt = 2000000000 WHERE acct='root' AND user='';"
    echo "UPDATE lab_assoc_table SET lft = 3, rgt = 4 WHERE acct='root' AND user='root';"
  fi
  cat <<END
SET autocommit=0;
INSERT INTO acct_table (creation_time, mod_time, name, description, organization)
  SELECT 1, 1, CONCAT('acct', seq), CONCAT('project ', seq), 'org' FROM seq_0_to_$((accounts - 1));
INSERT INTO user_table (creation_time, mod_time, name, admin_level)
  SELECT 1, 1, CONCAT('user', seq), 1 FROM seq_0_to_$last;
INSERT INTO lab_assoc_table (creation_time, mod_time, id_assoc, acct, user, parent_acct, shares,
    grp_tres, qos, delta_qos, max_tres_pj, max_tres_pn, max_tres_mins_pj, max_tres_run_mins,
    grp_tres_mins, grp_tres_run_mins$place)
  SELECT 1, 1, 1000 + s.seq, CONCAT('acct', s.seq), '', 'root', s.seq MOD 7 + 1,
    CONCAT('1=', s.seq MOD 500 + 1), '', '', '', '', '', '', '', ''$account
  FROM seq_0_to_$((accounts - 1)) s;
INSERT INTO lab_assoc_table (creation_time, mod_time, id_assoc, is_def, acct, user, max_jobs,
    max_submit_jobs, grp_tres, qos, delta_qos, max_tres_pj, max_tres_pn, max_tres_mins_pj,
    max_tres_run_mins, grp_tres_mins, grp_tres_run_mins$place)
  SELECT 1, 1, 1000000 + s.seq, 1, CONCAT('acct', s.seq DIV 50), CONCAT('user', s.seq),
    s.seq MOD 30 + 1, s.seq MOD 11 + 1, '', '', '', '', '', '', '', '', ''$user
  FROM seq_0_to_$last s;
COMMIT;
END
}
