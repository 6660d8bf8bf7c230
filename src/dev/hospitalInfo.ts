/** What `wardroom dev up --json` prints (contract.md). */
export interface DevUp {
  readonly dir: string;
  readonly hospitals: readonly HospitalInfo[];
}

export interface HospitalInfo {
  readonly name: string;
  readonly server_name: string;
  readonly homeserver_url: string;
  readonly api_url: string;
  readonly metrics_url: string;
  readonly registration_shared_secret: string;
  readonly admin: {
    readonly user_id: string;
    readonly password: string;
    readonly access_token: string;
    readonly recovery_key: string;
  };
  readonly bot_user_id: string;
  readonly control_room_id: string | null;
  readonly audit_room_id: string | null;
  readonly privacy_room_id: string | null;
  readonly services: readonly ServiceInfo[];
  readonly people: readonly PersonInfo[];
  /** Where answering services' consoles post WCTP. */
  readonly wctp_url: string;
  /** Lines for texts: where what a telephone sends is posted (docs/sms.md), and a telephone to look at. */
  readonly sms: readonly { readonly number: string; readonly inbound_url: string; readonly phone_url: string }[];
  /** Of `/api/v1/roles`, where `roles_api` is on. */
  readonly roles_api_token?: string;
  /** The files that `wardroom serve`, `audit fsck` and others take as `--config`. */
  readonly config_files: readonly string[];
  readonly processes: {
    readonly wardroom: { readonly pid: number | null; readonly log: string };
    readonly synapse: {
      readonly pid: number | null;
      readonly log: string;
      readonly database_url: string;
      readonly media_dir: string;
      readonly python: string;
    };
    /** `url`: Wardroom's database, as superuser. */
    readonly postgres: { readonly pid: number | null; readonly log: string; readonly url: string };
  };
}

export interface ServiceInfo {
  readonly id: string;
  readonly token: string;
  readonly callback_secret: string;
  readonly accounts: readonly {
    readonly id: string;
    readonly room_id: string | null;
    readonly voice_user_id: string | null;
  }[];
}

export interface PersonInfo {
  readonly key: string;
  readonly user_id: string;
  readonly password: string;
  readonly recovery_key: string | null;
  readonly roles: readonly string[];
}
